package dev.holdfast.dax;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Exact counts of faults by kind and of fallbacks by reason. Thread-safe. */
public final class FaultCounters {
    private final LongAdder[] kinds = adders(FaultKind.values().length);
    private final LongAdder[] fallbacks = adders(FallbackReason.values().length);

    void count(FaultKind kind) {
        kinds[kind.ordinal()].increment();
    }

    void count(FaultKind kind, long times) {
        kinds[kind.ordinal()].add(times);
    }

    void count(FallbackReason reason) {
        fallbacks[reason.ordinal()].increment();
    }

    /** Returns the faults of a kind. */
    public long of(FaultKind kind) {
        return kinds[kind.ordinal()].sum();
    }

    /** Returns the huge faults that fell back for a reason. */
    public long of(FallbackReason reason) {
        return fallbacks[reason.ordinal()].sum();
    }

    /** Returns the huge faults that fell back. */
    public long fallbacks() {
        return Arrays.stream(fallbacks).mapToLong(LongAdder::sum).sum();
    }

    private static LongAdder[] adders(int count) {
        return Stream.generate(LongAdder::new).limit(count).toArray(LongAdder[]::new);
    }
}
