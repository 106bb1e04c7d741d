package dev.holdfast.log;

import java.io.IOException;

/** Receives the records of a replay, in log order, each exactly once. */
@FunctionalInterface
public interface RecordVisitor {
    /**
     * Takes one record.
     *
     * @param lsn the record's first line
     * @param endLsn just past the record: what {@link Log#append} returned for it
     * @param payload its ops; valid during this call only
     * @throws IOException ends the replay
     */
    void record(long lsn, long endLsn, RecordReader payload) throws IOException;
}
