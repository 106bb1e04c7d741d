package dev.holdfast.alloc;

/** Is shown runs of blocks, in ascending order unless said otherwise. */
@FunctionalInterface
public interface RunVisitor {
    /** Is shown one run. */
    void run(long block, long count);
}
