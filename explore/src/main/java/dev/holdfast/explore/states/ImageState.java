package dev.holdfast.explore.states;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.ImageDevice;
import dev.holdfast.explore.medium.Trace;
import java.util.Arrays;

/**
 * One image at a time of those that a trace allows: durable content, and for each piece in flight
 * an option. Changing an option changes the image by the lines of that piece, and so does its hash:
 * the exclusive or of a hash for each line, of number and content.
 *
 * <p>Two images with the same 64-bit hash are taken for one: among a hundred million images some
 * pair is, by chance, once in three thousand explorations.
 */
final class ImageState {
    private static final int LINE = DaxDevice.LINE_BYTES;
    private static final int LINES_A_BLOCK = DaxDevice.BLOCK_BYTES / LINE;

    private static final byte[] ZEROES = new byte[DaxDevice.BLOCK_BYTES];

    private final ImageDevice device;
    private final MediumCursor cursor;
    private final Pieces pieces;
    private final byte[] content;
    private final long[] lineHashes;
    private final long[] blockHashes;
    private int[] choice = new int[64];
    private long hash;
    private boolean started;

    /** Shows the base of a trace on a device of its size. */
    ImageState(ImageDevice device, Trace trace, int pieceBytes) {
        this.device = device;
        cursor = new MediumCursor(trace);
        pieces = new Pieces(cursor, pieceBytes);
        content = new byte[Math.max(LINE, pieceBytes)];
        byte[] base = trace.base();
        device.setImage(0, base, 0, base.length);
        lineHashes = new long[base.length / LINE];
        blockHashes = new long[base.length / DaxDevice.BLOCK_BYTES];
        for (int block = 0; block < blockHashes.length; block++) {
            int from = block * DaxDevice.BLOCK_BYTES;
            if (Arrays.mismatch(base, from, from + DaxDevice.BLOCK_BYTES,
                    ZEROES, 0, DaxDevice.BLOCK_BYTES) >= 0) {
                for (int line = 0; line < LINES_A_BLOCK; line++) {
                    rehash(block * LINES_A_BLOCK + line);
                }
            }
        }
    }

    /** Goes on to the next barrier, or the end; false when it stood there. */
    boolean nextPoint() {
        if (started && cursor.isAtEnd()) {
            return false;
        }
        chooseNone();
        if (started) {
            cursor.step(this::showDurable);
        }
        started = true;
        while (!cursor.isAtEnd() && !cursor.isAtBarrier()) {
            cursor.step(this::showDurable);
        }
        findPieces();
        return true;
    }

    /** Goes on to a position. */
    void goTo(int position) {
        chooseNone();
        while (cursor.position() < position && !cursor.isAtEnd()) {
            cursor.step(this::showDurable);
        }
        findPieces();
    }

    private void findPieces() {
        pieces.find();
        if (choice.length < pieces.count()) {
            choice = new int[Math.max(pieces.count(), 2 * choice.length)];
        }
    }

    private void showDurable(int line) {
        device.setImage((long) line * LINE, cursor.durable(), line * LINE, LINE);
        rehash(line);
    }

    private void rehash(int line) {
        long now = Hashes.line(device.image(), line * LINE, line);
        long change = now ^ lineHashes[line];
        lineHashes[line] = now;
        blockHashes[line / LINES_A_BLOCK] ^= change;
        hash ^= change;
    }

    /** Gives a piece an option. */
    void choose(int piece, int option) {
        if (choice[piece] == option) {
            return;
        }
        choice[piece] = option;
        pieces.copy(piece, option, content);
        int offset = pieces.offset(piece);
        device.setImage(offset, content, 0, pieces.bytes());
        int last = (offset + pieces.bytes() - 1) / LINE;
        for (int line = offset / LINE; line <= last; line++) {
            rehash(line);
        }
    }

    void chooseNone() {
        for (int piece = 0; piece < pieces.count(); piece++) {
            choose(piece, 0);
        }
    }

    void chooseNewest() {
        for (int piece = 0; piece < pieces.count(); piece++) {
            choose(piece, pieces.newest(piece));
        }
    }

    int choice(int piece) {
        return choice[piece];
    }

    Pieces pieces() {
        return pieces;
    }

    MediumCursor cursor() {
        return cursor;
    }

    ImageDevice device() {
        return device;
    }

    /** Returns the hash of the image. */
    long hash() {
        return hash;
    }

    /** Returns the hash of a block of the image. */
    long blockHash(int block) {
        return blockHashes[block];
    }
}
