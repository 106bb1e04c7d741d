package dev.holdfast.cli.text;

import java.math.BigInteger;
import java.util.Locale;

/**
 * Reads and writes sizes and offsets in bytes: {@code 4096}, {@code 4k}, {@code 32MiB}. Units are
 * powers of two; the decimal-looking {@code kB} and {@code MB} are refused rather than guessed at.
 */
public final class Sizes {
    /** The largest volume, and so the largest size a command takes: 64 TiB. */
    public static final long VOLUME_MAX_BYTES = 64L << 40;

    private static final String UNITS = "kmgtpe";
    private static final String[] UNIT_NAMES = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final int DIGITS_MAX = 100;

    private Sizes() {}

    /**
     * Returns the bytes that {@code text} says.
     *
     * @throws IllegalArgumentException when it is no size, is negative, or does not fit 63 bits;
     *     the message says what was expected
     */
    public static long parse(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        if (digits == 0) {
            throw new IllegalArgumentException(
                    Quoting.shown(text)
                            + " is not a size; expected digits and a unit: 4096, 4k, 32MiB");
        }
        int shift = shiftOf(text.substring(digits), text);
        if (digits > DIGITS_MAX) {
            throw tooLarge(text);
        }
        BigInteger bytes = new BigInteger(text.substring(0, digits)).shiftLeft(shift);
        if (bytes.bitLength() > 63) {
            throw tooLarge(text);
        }
        return bytes.longValueExact();
    }

    /**
     * Returns the bytes that {@code text} says, between {@code minBytes} and {@code maxBytes}, both
     * included.
     *
     * @throws IllegalArgumentException as {@link #parse(String)}, or when out of range
     */
    public static long parse(String text, long minBytes, long maxBytes) {
        long bytes = parse(text);
        if (bytes < minBytes || bytes > maxBytes) {
            throw new IllegalArgumentException(text + " is out of range; expected "
                    + exact(minBytes) + " to " + exact(maxBytes));
        }
        return bytes;
    }

    /**
     * Returns the shortest text that {@link #parse(String)} reads back as exactly {@code bytes}.
     */
    public static String exact(long bytes) {
        if (bytes <= 0) {
            return Long.toString(bytes);
        }
        int unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.length());
        return unit == 0
                ? Long.toString(bytes)
                : (bytes >> 10 * unit) + UNITS.substring(unit - 1, unit);
    }

    /** Returns {@code bytes} for people: {@code 512 B}, {@code 4 KiB}, {@code 1.5 GiB}. */
    public static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        double value = bytes / (double) (1L << 10 * unit);
        String digits = String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
        return digits.replaceFirst("\\.?0+$", "") + " " + UNIT_NAMES[unit];
    }

    private static int shiftOf(String unit, String text) {
        String lower = unit.toLowerCase(Locale.ROOT);
        if (lower.isEmpty() || unit.equals("B")) {
            return 0;
        }
        int place = UNITS.indexOf(lower.charAt(0));
        boolean whole = lower.length() == 1 || lower.length() == 3 && lower.endsWith("ib");
        if (place < 0 || !whole) {
            throw new IllegalArgumentException(Quoting.shown(text) + " has the unit "
                    + Quoting.shown(unit)
                    + "; expected none, B, k, M, G, T or KiB, MiB, GiB, TiB"
                    + " (powers of 1024, no fractions)");
        }
        return 10 * (place + 1);
    }

    private static IllegalArgumentException tooLarge(String text) {
        String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
        return new IllegalArgumentException(shown + " is too large; the largest offset is "
                + Long.MAX_VALUE + " and the largest volume " + exact(VOLUME_MAX_BYTES));
    }
}
