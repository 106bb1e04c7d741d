package dev.holdfast.cli.copy;

import dev.holdfast.Volume;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/** What both directions share: the volume, the buffer, and who hears of the bytes. One thread. */
abstract class Copier {
    static final int MODE_BITS = 07777;
    private static final int BUFFER_BYTES = 1 << 20;

    final Volume volume;
    final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final LongConsumer progress;
    private long bytesDone;
    private Copied copied = Copied.NOTHING;

    Copier(Volume volume, LongConsumer progress) {
        this.volume = volume;
        this.progress = progress;
    }

    /** Returns what was copied so far. */
    public final Copied copied() {
        return copied;
    }

    final void add(Copied sum) {
        copied = sum;
    }

    final void bytesMoved(long count) {
        bytesDone += count;
        progress.accept(bytesDone);
    }
}
