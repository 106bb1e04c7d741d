package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.NameText;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;

/**
 * One component of a path: 1 to {@link Limits#NAME_BYTES} bytes without '/' and NUL, neither "."
 * nor ".."; as text by {@link NameText}. Ordered by position, then bytes: the order in which a
 * directory is listed.
 */
final class Name implements Comparable<Name> {
    private final String text;
    private final byte[] bytes;
    private final long hash;

    private Name(String text, byte[] bytes, long hash) {
        this.text = text;
        this.bytes = bytes;
        this.hash = hash;
    }

    /**
     * Checks {@code text} and returns it as a name; {@code what} says in errors whose name it is.
     */
    static Name of(String text, SipHash hash, Object what) throws HoldfastException {
        if (text.isEmpty()) {
            throw new HoldfastException(ErrorCode.NOT_FOUND, what + ": an empty name");
        }
        if (text.equals(".") || text.equals("..")) {
            throw new HoldfastException(ErrorCode.INVALID,
                    what + ": \"" + text + "\" cannot be made, removed or renamed");
        }
        if (text.indexOf('/') >= 0 || text.indexOf('\0') >= 0) {
            throw new HoldfastException(ErrorCode.INVALID, what + ": '/' or NUL in a name");
        }
        return limited(text, hash, what);
    }

    /** Checks the name of an extended attribute: only its length and bytes matter. */
    static Name ofAttribute(String text, SipHash hash, Object what) throws HoldfastException {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            throw new HoldfastException(ErrorCode.INVALID, what + ": an empty name, or NUL in it");
        }
        return limited(text, hash, what);
    }

    private static Name limited(String text, SipHash hash, Object what) throws HoldfastException {
        byte[] bytes = encode(text, what);
        if (bytes.length > Limits.NAME_BYTES) {
            throw new HoldfastException(ErrorCode.NAME_TOO_LONG,
                    what + ": a name of " + bytes.length
                    + " bytes; the limit is " + Limits.NAME_BYTES);
        }
        return new Name(NameText.hasEscape(text) ? NameText.decode(bytes) : text, bytes,
                hash.position(bytes));
    }

    /** Encodes text, refusing what has no encoding. */
    static byte[] encode(String text, Object what) throws HoldfastException {
        try {
            return NameText.encode(text);
        } catch (CharacterCodingException e) {
            throw new HoldfastException(ErrorCode.BAD_NAME, what + ": not well-formed Unicode", e);
        }
    }

    /** Returns a bound that sorts before every name past {@code position} and after all others. */
    static Name after(long position) {
        return new Name("", new byte[0], position + 1);
    }

    String text() {
        return text;
    }

    byte[] bytes() {
        return bytes;
    }

    long hash() {
        return hash;
    }

    @Override
    public int compareTo(Name other) {
        int order = Long.compareUnsigned(hash, other.hash);
        return order != 0 ? order : Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Name name && hash == name.hash && Arrays.equals(bytes, name.bytes);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(hash);
    }

    @Override
    public String toString() {
        return text;
    }
}
