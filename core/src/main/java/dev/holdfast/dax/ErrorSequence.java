package dev.holdfast.dax;

import java.io.IOException;

/**
 * The write-back errors of one file, told once to each open file description (W6).
 *
 * <p>Thread-safe. A description made after an error does not hear of it.
 */
public final class ErrorSequence {
    private long count;
    private IOException last;

    ErrorSequence() {}

    /** What one open file description has been told. */
    public final class Cursor {
        private long seen;

        private Cursor(long seen) {
            this.seen = seen;
        }

        /** Throws the newest error that this description has not been told, and then forgets it. */
        public void throwIfNew() throws IOException {
            synchronized (ErrorSequence.this) {
                if (seen != count) {
                    seen = count;
                    throw last;
                }
            }
        }
    }

    synchronized void record(IOException error) {
        count++;
        last = error;
    }

    /** Returns what a new open file description starts with. */
    public synchronized Cursor newCursor() {
        return new Cursor(count);
    }
}
