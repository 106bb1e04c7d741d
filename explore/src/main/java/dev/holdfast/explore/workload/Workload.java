package dev.holdfast.explore.workload;

import dev.holdfast.explore.Bounds;
import java.util.List;

/**
 * A named set of runs.
 *
 * @param name as the command takes it
 * @param about what it is, in a line
 * @param isQuick whether it takes seconds, not minutes
 * @param limits what its bounds are kept to
 * @param cases the runs
 */
public record Workload(String name, String about, boolean isQuick, Limits limits,
        List<? extends Case> cases) {
    /**
     * Keeps bounds to what a workload of many cases, or of large ones, can afford.
     *
     * @param images at most so many a crash point are explored whole
     * @param nestedEvery recoveries are crashed, and volumes used, in each so many-th case
     * @param torn whether lines tear, asked for or not: what the workload is about shows only then
     */
    public record Limits(long images, int nestedEvery, boolean torn) {
        Bounds of(Bounds asked, int index) {
            Bounds kept = asked.exhaustiveImages(Math.min(images, asked.exhaustiveImages()))
                    .torn(torn || asked.torn());
            return index % nestedEvery == 0 ? kept : kept.nested(0, 0).worksEvery(0);
        }
    }

    /** Returns the bounds for one of the cases. */
    public Bounds bounds(Bounds asked, int index) {
        return limits.of(asked, index);
    }
}
