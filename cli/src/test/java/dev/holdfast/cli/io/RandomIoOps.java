package dev.holdfast.cli.io;

import java.util.OptionalLong;
import java.util.Random;

/** Draws operations with awkward names and numbers; the same seed draws the same ones. */
final class RandomIoOps {
    private static final String[] PIECES = {
        "/", "a", "dir", " ", "\"", "\\", "#", "-", "\n", "\t", "\r", "ü", "\uD83D\uDE00",
        "\uD800", "\u2028", "\u0001", "0x", "$", "'", "[", ".."
    };

    private final Random random;

    RandomIoOps(long seed) {
        random = new Random(seed);
    }

    IoOp next() {
        long length = 1 + size(1L << 40);
        long offset = size(Long.MAX_VALUE - length);
        return switch (random.nextInt(28)) {
            case 0 -> new IoOp.Creat(word());
            case 1 -> new IoOp.Mkdir(word());
            case 2 -> new IoOp.PWrite(word(), offset, length, random.nextInt(256));
            case 3 -> new IoOp.PRead(word(), offset, length);
            case 4 -> new IoOp.MMap(word(), offset, length, pick(IoOp.MapKind.values()));
            case 5 -> new IoOp.MWrite(word(), offset, length, random.nextInt(256));
            case 6 -> new IoOp.MRead(word(), offset, length);
            case 7 -> new IoOp.Persist(word(), offset, length);
            case 8 -> new IoOp.MSync(word());
            case 9 -> new IoOp.FSync(word());
            case 10 -> new IoOp.FDataSync(word());
            case 11 -> new IoOp.Sync();
            case 12 -> new IoOp.Truncate(word(), offset);
            case 13 -> new IoOp.FAlloc(word(), offset, length, pick(IoOp.AllocateMode.values()));
            case 14 -> new IoOp.FPunch(word(), offset, length);
            case 15 -> new IoOp.FZero(word(), offset, length);
            case 16 -> new IoOp.Link(word(), word());
            case 17 -> new IoOp.Symlink(word(), word());
            case 18 -> new IoOp.Rename(word(), word(), pick(IoOp.RenameMode.values()));
            case 19 -> new IoOp.Unlink(word());
            case 20 -> new IoOp.Rmdir(word());
            case 21 -> new IoOp.SetFAttr(word(), word(), random.nextInt(4) == 0 ? "" : word());
            case 22 -> new IoOp.RmFAttr(word(), word());
            case 23 -> new IoOp.Seek(word(), pick(IoOp.SeekKind.values()), offset);
            case 24 -> new IoOp.FieMap(word());
            case 25 -> new IoOp.Stat(word());
            case 26 -> new IoOp.Checkpoint();
            default -> new IoOp.Crash(random.nextBoolean()
                    ? OptionalLong.empty() : OptionalLong.of(random.nextLong()));
        };
    }

    /** Returns a line near the grammar: words of it and noise. */
    String noise() {
        StringBuilder line = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            line.append(switch (random.nextInt(4)) {
                case 0 -> pick(IoSyntax.values()).usage();
                case 1 -> word();
                case 2 -> " -" + (char) random.nextInt(128);
                default -> " " + random.nextLong();
            });
        }
        return line.toString();
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            word.append(pick(PIECES));
        }
        return word.toString();
    }

    private long size(long max) {
        long bits = random.nextLong() >>> 1 >>> random.nextInt(63);
        return Math.min(max, random.nextBoolean() ? bits & -4096 : bits);
    }

    private <T> T pick(T[] of) {
        return of[random.nextInt(of.length)];
    }
}
