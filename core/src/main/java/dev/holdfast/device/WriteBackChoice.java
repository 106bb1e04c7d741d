package dev.holdfast.device;

import java.util.Locale;

/**
 * How stores are made durable, chosen by the user. A choice the medium cannot honour is refused
 * when the device is opened, never ignored.
 */
public enum WriteBackChoice {
    /** What suits the medium. */
    AUTO,
    /** Cache-line write-back. On a disk file it makes nothing durable against a power cut. */
    CACHE_LINE,
    /** {@code msync}: page by page. */
    MSYNC,
    /** Nothing at all, for media that keep nothing in a power cut anyway, and for measurements. */
    NONE;

    /** System property that makes the choice: {@code cacheline}, {@code msync} or {@code none}. */
    public static final String PROPERTY = "holdfast.writeback";

    /**
     * Returns the choice of the system property, {@link #AUTO} where it is not set.
     *
     * @throws IllegalArgumentException for any other value
     */
    public static WriteBackChoice fromProperty() {
        String value = System.getProperty(PROPERTY, "auto");
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "auto" -> AUTO;
            case "cacheline" -> CACHE_LINE;
            case "msync" -> MSYNC;
            case "none" -> NONE;
            default -> throw new IllegalArgumentException(
                    PROPERTY + "=" + value + " is none of auto, cacheline, msync, none");
        };
    }
}
