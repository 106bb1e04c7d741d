package dev.holdfast.log;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Tells listeners how far the durable LSN has come: rising values, one call at a time, outside the
 * log's locks.
 *
 * <p>Whoever moved the watermark delivers, unless another thread is delivering, which then goes on
 * with the newer value; values in between may be skipped.
 */
final class DurableListeners {
    private final LongSupplier durableLsn;
    private final AtomicBoolean delivering = new AtomicBoolean();
    private volatile LongConsumer[] listeners = {};
    /** Changed only by the thread that is delivering. */
    private volatile long delivered;

    DurableListeners(LongSupplier durableLsn) {
        this.durableLsn = durableLsn;
    }

    synchronized void add(LongConsumer listener) {
        LongConsumer[] more = Arrays.copyOf(listeners, listeners.length + 1);
        more[listeners.length] = listener;
        listeners = more;
    }

    /**
     * Delivers the present watermark unless it, or a later one, was delivered or is about to be.
     */
    void deliver() {
        if (listeners.length == 0) {
            return;
        }
        while (delivered < durableLsn.getAsLong() && delivering.compareAndSet(false, true)) {
            try {
                long lsn = durableLsn.getAsLong();
                if (lsn > delivered) {
                    delivered = lsn;
                    for (LongConsumer listener : listeners) {
                        listener.accept(lsn);
                    }
                }
            } finally {
                delivering.set(false);
            }
        }
    }
}
