package dev.holdfast.cli.bench;

import dev.holdfast.DaxFile;
import dev.holdfast.file.AllocateMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/** What the file has before the first timed store, always committed. */
public enum FaultCase {
    /** Blocks that were written: nothing is left to commit. */
    PREALLOCATED {
        @Override
        void fill(DaxFile file, long bytes) throws IOException {
            ByteBuffer zeroes = ByteBuffer.allocateDirect(WRITE_BYTES);
            for (long at = 0; at < bytes; at += WRITE_BYTES) {
                file.write(zeroes.clear().limit((int) Math.min(WRITE_BYTES, bytes - at)), at);
            }
        }
    },
    /** Blocks that were only allocated: each fault zeroes and converts one. */
    UNWRITTEN {
        @Override
        void fill(DaxFile file, long bytes) throws IOException {
            file.allocate(AllocateMode.UNWRITTEN, 0, bytes);
        }
    },
    /** A size and no blocks: each fault allocates one. */
    EMPTY {
        @Override
        void fill(DaxFile file, long bytes) throws IOException {
            file.truncate(bytes);
        }
    };

    private static final int WRITE_BYTES = 1 << 20;

    /** Gives an empty file what the case says, durably. */
    void prepare(DaxFile file, long bytes) throws IOException {
        fill(file, bytes);
        file.fsync();
    }

    abstract void fill(DaxFile file, long bytes) throws IOException;

    /** Returns the name in tables and in JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
