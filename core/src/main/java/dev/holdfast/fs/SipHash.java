package dev.holdfast.fs;

import dev.holdfast.codec.LittleEndian;

/**
 * SipHash-2-4 of a name under a volume's own key, so that names cannot be chosen to collide.
 *
 * <p>Source of the algorithm and its constants: Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", 2012.
 */
record SipHash(long key0, long key1) {
    /** Positions below this one are free for "." and "..". */
    private static final long FIRST_POSITION = 3;

    /** Returns the place of a name in its directory: 63 bits, so that it can be a seek cookie. */
    long position(byte[] name) {
        return Math.max(FIRST_POSITION, of(name) >>> 1);
    }

    /** Returns the 64-bit hash of {@code bytes}. */
    long of(byte[] bytes) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        int whole = bytes.length & ~7;
        int words = whole / 8 + 1;
        for (int word = 0; word <= words; word++) {
            boolean finish = word == words;
            long m = finish ? 0 : word < words - 1
                    ? LittleEndian.getLong(bytes, word * 8) : lastWord(bytes, whole);
            if (finish) {
                v2 ^= 0xff;
            } else {
                v3 ^= m;
            }
            for (int round = finish ? 4 : 2; round > 0; round--) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= m;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static long lastWord(byte[] bytes, int whole) {
        long m = (long) bytes.length << 56;
        for (int i = whole; i < bytes.length; i++) {
            m |= (bytes[i] & 0xFFL) << 8 * (i - whole);
        }
        return m;
    }
}
