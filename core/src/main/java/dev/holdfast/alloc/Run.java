package dev.holdfast.alloc;

/** The answer to a {@link Request}: adjacent blocks. Mutable and reused; owned by the caller. */
public final class Run {
    /** First device block. */
    public long block;
    /** Number of blocks. */
    public long count;
    /**
     * All of the blocks are durably zero. When false, the caller must zero them and make that
     * durable before a record shows them to a file (S9).
     */
    public boolean zeroed;

    /** Returns the first block past the run. */
    public long end() {
        return block + count;
    }

    @Override
    public String toString() {
        return "Run[" + block + "+" + count + (zeroed ? " zeroed]" : "]");
    }
}
