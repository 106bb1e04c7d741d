package dev.holdfast.explore.workload;

import dev.holdfast.explore.Bounds;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A named set of runs.
 *
 * @param name as the command takes it
 * @param about what it is, in a line
 * @param quick whether it takes seconds, not minutes
 * @param bounds fits what is asked for to it
 * @param cases the runs; may be made as they are asked for
 */
public record Workload(String name, String about, boolean quick, UnaryOperator<Bounds> bounds,
        List<? extends Case> cases) {}
