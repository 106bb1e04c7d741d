package dev.holdfast.iomap;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;

/**
 * Walks a range of a file, one {@link Iomap} a step.
 *
 * <ol>
 * <li>{@link #next} ends the step before, and begins one at {@link #position};
 * <li>the body handles up to {@link #stepBytes} bytes and says how many with {@link #advance};
 * <li>the walk is over when the range is handled, or when a body handled nothing;
 * <li>{@link #close} ends the last step, also when the body threw.
 * </ol>
 *
 * <p>Not thread-safe. A file system that answers with a run which does not contain the position, or
 * is empty, is refused here, so that no caller can loop for ever (R6).
 */
public final class IomapIterator implements AutoCloseable {
    private final IomapOps ops;
    private final int flags;
    private final Iomap iomap = new Iomap();
    private long position;
    private long remaining;
    private long stepStart;
    private long stepLength;
    private boolean inStep;

    /** Prepares a walk over {@code length} bytes from {@code offset}. */
    public IomapIterator(IomapOps ops, long offset, long length, int flags) {
        if (offset < 0 || length < 0 || length > Long.MAX_VALUE - offset) {
            throw new IllegalArgumentException(
                    "no range of a file: " + length + " bytes at " + offset);
        }
        this.ops = ops;
        this.flags = flags;
        this.position = offset;
        this.remaining = length;
    }

    /** Begins the next step; false when there is none. */
    public boolean next() throws IOException {
        if (inStep) {
            boolean handledNothing = position == stepStart;
            endStep();
            if (handledNothing) {
                return false;
            }
        }
        if (remaining == 0) {
            return false;
        }
        ops.begin(position, remaining, flags, iomap);
        inStep = true;
        stepStart = position;
        if (iomap.length <= 0 || iomap.offset > position || iomap.end() <= position) {
            stepLength = 0;
            throw new HoldfastException(ErrorCode.IO_ERROR, "the file system answered offset "
                    + position + " with " + iomap + ", which does not contain it");
        }
        stepLength = Math.min(remaining, iomap.end() - position);
        return true;
    }

    /** Says that the next {@code bytes} bytes of the step are handled. */
    public void advance(long bytes) {
        if (!inStep || bytes < 0 || bytes > stepBytes()) {
            throw new IllegalStateException("cannot advance by " + bytes + " bytes at " + position
                    + (inStep ? ": the step has " + stepBytes() + " left" : ": no step has begun"));
        }
        position += bytes;
        remaining -= bytes;
    }

    /** Returns the run of this step. */
    public Iomap iomap() {
        assert inStep;
        return iomap;
    }

    /** Returns the offset in the file of the first byte not handled. */
    public long position() {
        return position;
    }

    /** Returns the bytes of this step that are not handled yet. */
    public long stepBytes() {
        return stepStart + stepLength - position;
    }

    /** Returns the address on the device of {@link #position}. */
    public long deviceOffset() {
        return iomap.deviceOffsetOf(position);
    }

    @Override
    public void close() throws IOException {
        if (inStep) {
            endStep();
        }
    }

    private void endStep() throws IOException {
        inStep = false;
        ops.end(stepStart, stepLength, position - stepStart, flags, iomap);
    }
}
