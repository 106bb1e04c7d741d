package dev.holdfast.file;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Names as strings. On the medium a name is bytes, and to the kernel any bytes will do; in Java it
 * is text. What is well-formed UTF-8 is that text; each byte {@code b} that is not part of such
 * stands as the lone surrogate {@code U+DC00 + b}, U+DC80 to U+DCFF, which no UTF-8 gives. So every
 * name has a string, and comes back from it byte by byte (the scheme of Python's PEP 383).
 */
public final class NameText {
    private static final int ESCAPE = 0xDC00;
    private static final int ESCAPE_FIRST = 0xDC80;
    private static final int ESCAPE_LAST = 0xDCFF;

    private NameText() {}

    /** Returns the string of a name. */
    public static String decode(byte[] bytes) {
        if (isAscii(bytes)) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CoderResult result = decoder.decode(in, out, true);
        while (result.isError()) {
            out.put((char) (ESCAPE + (in.get() & 0xFF)));
            result = decoder.reset().decode(in, out, true);
        }
        return out.flip().toString();
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns the bytes of a name. Two strings may give the same: escapes that together are UTF-8
     * give what the character gives, and {@link #decode} returns the latter.
     *
     * @throws CharacterCodingException if the text has a lone surrogate that stands for no byte
     */
    public static byte[] encode(String text) throws CharacterCodingException {
        if (isAscii(text)) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
        if (!hasEscape(text)) {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return Arrays.copyOf(encoded.array(), encoded.limit());
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        int plain = 0;
        for (int at = 0; at < text.length(); at++) {
            if (isEscape(text, at)) {
                bytes.writeBytes(encode(text.substring(plain, at)));
                bytes.write(text.charAt(at) - ESCAPE);
                plain = at + 1;
            }
        }
        bytes.writeBytes(encode(text.substring(plain)));
        return bytes.toByteArray();
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether a string has characters that stand for bytes outside UTF-8. */
    public static boolean hasEscape(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isEscape(text, i)) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether the character at an index stands for a byte outside UTF-8. */
    public static boolean isEscape(String text, int at) {
        char c = text.charAt(at);
        return c >= ESCAPE_FIRST && c <= ESCAPE_LAST
                && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }
}
