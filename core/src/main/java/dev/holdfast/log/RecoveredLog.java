package dev.holdfast.log;

/**
 * What recovery found.
 *
 * @param startLsn where replay began
 * @param endLsn just past the last record replayed: where the next epoch begins
 * @param records records replayed
 * @param lines lines of the log replayed, pads included
 * @param wholePastEnd whole records of the newest epoch that lay past the end: stored, never
 *     committed
 * @param tornPastEnd headers of the newest epoch past the end whose records are not whole
 */
public record RecoveredLog(
        long startLsn,
        long endLsn,
        long records,
        long lines,
        long wholePastEnd,
        long tornPastEnd) {}
