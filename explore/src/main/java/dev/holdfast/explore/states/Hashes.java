package dev.holdfast.explore.states;

import dev.holdfast.device.DaxDevice;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** 64-bit hashes of lines and of pairs of numbers. Not against an adversary. */
final class Hashes {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private Hashes() {}

    /**
     * Returns the hash of the 64 bytes at an index, as those of line {@code number}; 0 when all are
     * zero, so that the empty part of an image need not be looked at.
     */
    static long line(byte[] bytes, int index, long number) {
        long any = 0;
        for (int at = 0; at < DaxDevice.LINE_BYTES; at += Long.BYTES) {
            any |= (long) LONGS.get(bytes, index + at);
        }
        if (any == 0) {
            return 0;
        }
        long hash = number * GOLDEN;
        for (int at = 0; at < DaxDevice.LINE_BYTES; at += Long.BYTES) {
            hash = mix(hash ^ (long) LONGS.get(bytes, index + at)) + GOLDEN;
        }
        return hash;
    }

    /** Returns a hash of two numbers in order. */
    static long of(long first, long second) {
        return mix(mix(first + GOLDEN) ^ second) + GOLDEN;
    }

    private static long mix(long value) {
        long z = (value ^ value >>> 32) * 0xd6e8feb86659fd93L;
        return z ^ z >>> 29;
    }
}
