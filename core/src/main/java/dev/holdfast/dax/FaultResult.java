package dev.holdfast.dax;

import dev.holdfast.error.HoldfastException;
import java.io.IOException;

/** What became of a fault. Those of the hot path are shared constants: a fault makes no garbage. */
public sealed interface FaultResult {
    /** The access can go on. {@code major} when blocks were allocated or converted for it. */
    record Mapped(Order order, boolean major) implements FaultResult {
        private static final Mapped[] ALL = {
            new Mapped(Order.PTE, false), new Mapped(Order.PTE, true),
            new Mapped(Order.PMD, false), new Mapped(Order.PMD, true)
        };

        static Mapped of(Order order, boolean major) {
            return ALL[order.ordinal() * 2 + (major ? 1 : 0)];
        }
    }

    /**
     * Nothing is mapped. The pfn is in the caller's slot, and may be mapped only after an
     * fdatasync: {@link DaxFault#finishSyncFault} does both.
     */
    record NeedDataSync(boolean major) implements FaultResult {
        private static final NeedDataSync MINOR = new NeedDataSync(false);
        private static final NeedDataSync MAJOR = new NeedDataSync(true);

        static NeedDataSync of(boolean major) {
            return major ? MAJOR : MINOR;
        }
    }

    /** The huge fault cannot be served; one of 4 KiB can. */
    record Fallback(FallbackReason reason) implements FaultResult {
        private static final Fallback[] ALL = new Fallback[FallbackReason.values().length];

        static {
            for (FallbackReason reason : FallbackReason.values()) {
                ALL[reason.ordinal()] = new Fallback(reason);
            }
        }

        static Fallback of(FallbackReason reason) {
            return ALL[reason.ordinal()];
        }
    }

    /** Someone else changed what the fault looked at: access again, and fault again if needed. */
    record Retry() implements FaultResult {
        static final Retry INSTANCE = new Retry();
    }

    /**
     * A store to a private mapping: copy the page of {@code pfn}, or zeroes if it is
     * {@link #NO_PFN}, to a page of your own. The invalidate lock, which the caller holds, keeps
     * the source in place.
     */
    record CopyPage(long pfn) implements FaultResult {
        /** There is no block: the page reads as zero. */
        public static final long NO_PFN = -1;
    }

    /** No free space. A commit may free some: worth a bounded number of retries (H3). */
    record OutOfSpace(HoldfastException cause) implements FaultResult {}

    /** The access fails. {@code cause} is null where the reason says it all. */
    record BusError(BusReason reason, IOException cause) implements FaultResult {}
}
