package dev.holdfast.explore.workload;

import dev.holdfast.explore.Exploration;

/**
 * A violation that a workload showed.
 *
 * @param workload its name
 * @param run what ran, as a script
 * @param point where the power was cut, in words
 * @param message what is wrong
 * @param lost what of the stores was lost, in words; empty when that is not known
 * @param replay one line that shows it again
 * @param afterStates states of the workload that had been explored
 */
public record Finding(String workload, String run, String point, String message, String lost,
        String replay, long afterStates) {
    /** Returns this finding, as one that was met after so many states. */
    public Finding after(long states) {
        return new Finding(workload, run, point, message, lost, replay, states);
    }

    /** Says what became of stores that were in flight, as far as it was looked for. */
    static String lost(Exploration.Found found) {
        return found.losses().isEmpty() ? ""
                : (found.onlyKept() ? "all in flight but " : "") + found.losses();
    }
}
