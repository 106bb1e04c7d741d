package dev.holdfast.explore.junit;

import java.util.List;
import java.util.Map;

/** What the workload had said to its {@link Acks} when the power went. Immutable. */
public interface Acknowledged {
    /** Returns everything acknowledged, oldest first; keys and values as {@link Acks.Entry}. */
    List<Object> all();

    /** Returns everything acknowledged that is of a class, oldest first. */
    default <T> List<T> all(Class<T> type) {
        return all().stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Returns the last value acknowledged for each key, in the order of the keys' first. */
    Map<Object, Object> values();

    /** Tells whether a thing was acknowledged. */
    default boolean contains(Object thing) {
        return all().contains(thing);
    }

    /** Returns how many acknowledgements there were. */
    default int count() {
        return all().size();
    }

    /** Returns what had begun and was not acknowledged, oldest first. */
    List<Object> inFlight();
}
