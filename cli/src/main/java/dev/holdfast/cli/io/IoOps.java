package dev.holdfast.cli.io;

import dev.holdfast.cli.text.Quoting;
import dev.holdfast.cli.text.Sizes;
import java.util.Locale;

/** What the operations share: the checks of their values, and the writing of their lines. */
final class IoOps {
    private IoOps() {}

    static void checkPath(String path) {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("expected a path, found an empty word");
        }
        if (path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a path cannot contain a zero byte: "
                    + Quoting.shown(path));
        }
    }

    static void checkName(String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "expected an attribute name without zero bytes, found " + Quoting.shown(name));
        }
    }

    static void checkNotNegative(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("expected 0 or more bytes, found " + bytes);
        }
    }

    static void checkPositive(long lengthBytes) {
        if (lengthBytes <= 0) {
            throw new IllegalArgumentException("expected a length of at least 1 byte, found "
                    + lengthBytes);
        }
    }

    static void checkRange(long offset, long lengthBytes) {
        checkNotNegative(offset);
        checkNotNegative(lengthBytes);
        if (offset > Long.MAX_VALUE - lengthBytes) {
            throw new IllegalArgumentException("the range of " + lengthBytes + " bytes at " + offset
                    + " passes the largest offset, " + Long.MAX_VALUE);
        }
    }

    static void checkByte(int fill) {
        if (fill < 0 || fill > 0xff) {
            throw new IllegalArgumentException("expected a byte from 0 to 255 (0xff), found "
                    + fill);
        }
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static Line line(String op) {
        return new Line(op);
    }

    /** Puts the line of one operation together. */
    static final class Line {
        private final StringBuilder text;

        private Line(String op) {
            text = new StringBuilder(op);
        }

        Line word(String word) {
            text.append(' ').append(IoTokenizer.written(word));
            return this;
        }

        Line size(long bytes) {
            text.append(' ').append(Sizes.exact(bytes));
            return this;
        }

        Line fill(int fill) {
            return option(fill != IoOp.DEFAULT_FILL, "-S 0x" + Integer.toHexString(fill));
        }

        Line option(boolean isGiven, String option) {
            if (isGiven) {
                text.append(' ').append(option);
            }
            return this;
        }

        String end() {
            return text.toString();
        }
    }
}
