package dev.holdfast.alloc;

/** Is shown runs of blocks, in ascending order. */
@FunctionalInterface
public interface RunVisitor {
    /** Is shown one run. */
    void run(long block, long count);
}
