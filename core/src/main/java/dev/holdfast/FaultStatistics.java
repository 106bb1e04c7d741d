package dev.holdfast;

import dev.holdfast.dax.FallbackReason;
import dev.holdfast.dax.FaultCounters;
import dev.holdfast.dax.FaultKind;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Live counts of the faults of a volume since it was opened, by the names the glossary explains.
 */
public final class FaultStatistics {
    private final FaultCounters counters;

    FaultStatistics(FaultCounters counters) {
        this.counters = counters;
    }

    /** Returns how many faults of each kind there were; every kind is in the map. */
    public Map<String, Long> byKind() {
        Map<String, Long> result = new LinkedHashMap<>();
        for (FaultKind kind : FaultKind.values()) {
            result.put(kind.name(), counters.of(kind));
        }
        return result;
    }

    /** Returns how many huge faults fell back to 4 KiB, by reason; every reason is in the map. */
    public Map<String, Long> fallbacks() {
        Map<String, Long> result = new LinkedHashMap<>();
        for (FallbackReason reason : FallbackReason.values()) {
            result.put(reason.name(), counters.of(reason));
        }
        return result;
    }

    @Override
    public String toString() {
        return byKind() + " fallbacks " + fallbacks();
    }
}
