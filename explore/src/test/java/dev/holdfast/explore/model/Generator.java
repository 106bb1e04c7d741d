package dev.holdfast.explore.model;

import dev.holdfast.MapMode;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.RenameMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws operations, mostly such as the model allows. */
final class Generator {
    private static final String[] DIRECTORIES = {"", "", "", "/d", "/e", "/d/g"};
    private static final String[] NAMES = {"a", "b", "c", "h"};
    private static final int MAX_FILE = 96 << 10;
    private static final int MAX_INLINE_VALUE = Observed.MAX_INLINE_VALUE;
    /** The longest value an attribute can have. */
    private static final int MAX_VALUE = 64 << 10;

    private final Random random;
    private final Model model;
    private final boolean fills;
    private int fill;

    Generator(long seed, Model model) {
        this.random = new Random(seed);
        this.model = model;
        this.fills = random.nextInt(4) == 0;
    }

    /** Draws an operation that is no crash. */
    Op next() {
        for (int tries = 0; tries < 20; tries++) {
            Op op = draw();
            if (model.allows(op) || Rules.isOfNames(op) && random.nextInt(8) == 0) {
                return op;
            }
        }
        return new Op.Tick();
    }

    Op.Crash crash() {
        List<Integer> recoveries = new ArrayList<>();
        while (random.nextInt(3) == 0 && recoveries.size() < 3) {
            recoveries.add(random.nextInt(12));
        }
        return new Op.Crash(random.nextInt(1 << 30), List.copyOf(recoveries));
    }

    Op.PowerOff powerOff() {
        return new Op.PowerOff(random.nextInt(24));
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    private Op draw() {
        String path = path();
        return switch (random.nextInt(46)) {
            case 0, 1, 2 -> new Op.Creat(path);
            case 3, 4 -> new Op.Mkdir(pick("/d", "/e", "/d/g", "/a"));
            case 5, 6, 7, 8, 9 -> write(existing());
            case 10, 11 -> new Op.Pread(existing(), offset(), length());
            case 12, 13, 14 -> new Op.Mmap(existing(), offset() & -FileBlock.BYTES,
                    1 + random.nextInt(MAX_FILE), pick(MapMode.SYNC, MapMode.SYNC, MapMode.SHARED));
            case 15, 16, 17, 18, 19, 20 -> mapped(true);
            case 21 -> mapped(false);
            case 22, 23, 24 -> persist();
            case 25 -> new Op.Msync(mappedPath());
            case 26 -> new Op.Fsync(existing());
            case 27 -> new Op.Fdatasync(existing());
            case 28 -> oneIn(3) ? new Op.Sync() : new Op.Stat(existing());
            case 29, 30 -> new Op.Truncate(existing(), oneIn(3) ? 0 : offset());
            case 31, 32 -> new Op.Falloc(existing(), offset(), 1 + random.nextInt(MAX_FILE),
                    pick(AllocateMode.values()));
            case 33 -> new Op.Fpunch(existing(), offset(), 1 + random.nextInt(MAX_FILE));
            case 34 -> new Op.Fzero(existing(), offset(), 1 + random.nextInt(MAX_FILE / 2));
            case 35 -> new Op.Link(existing(), path);
            case 36 -> new Op.Symlink("nowhere" + random.nextInt(10), path);
            case 37, 38, 39 -> new Op.Rename(existing(), oneIn(2) ? path : existing(),
                    pick(RenameMode.REPLACE, RenameMode.REPLACE, RenameMode.NO_REPLACE,
                            RenameMode.EXCHANGE));
            case 40, 41 -> oneIn(8) ? new Op.Rmdir(existing()) : new Op.Unlink(existing());
            case 42 -> oneIn(3) ? new Op.Rmfattr(existing(), "user.x" + random.nextInt(3))
                    : new Op.Setfattr(existing(), "user.x" + random.nextInt(3), value());
            case 43 -> oneIn(2) ? new Op.Chmod(existing(), random.nextInt(512))
                    : new Op.Seek(existing(), oneIn(2), offset());
            case 44 -> oneIn(2) ? new Op.Checkpoint() : new Op.Fiemap(existing());
            default -> oneIn(8) ? new Op.Remount() : oneIn(2) ? new Op.Work() : new Op.Tick();
        };
    }

    /** Draws an attribute's value: short, as long as an item takes, or in blocks of its own. */
    private String value() {
        int length = switch (random.nextInt(10)) {
            case 0 -> 1 + random.nextInt(MAX_INLINE_VALUE);
            case 1 -> MAX_INLINE_VALUE + 1 + random.nextInt(4 * FileBlock.BYTES);
            case 2 -> pick(MAX_INLINE_VALUE, MAX_INLINE_VALUE + 1, FileBlock.BYTES,
                    FileBlock.BYTES + 1, MAX_VALUE - random.nextInt(FileBlock.BYTES), MAX_VALUE);
            default -> 1 + random.nextInt(30);
        };
        // Each piece tells whose it is and where it belongs.
        int fill = nextFill();
        StringBuilder value = new StringBuilder(length);
        while (value.length() < length) {
            value.append(fill).append('@').append(value.length()).append(',');
        }
        value.setLength(length);
        return value.toString();
    }

    private Op write(String path) {
        return new Op.Pwrite(path, offset(), 1 + random.nextInt(fills ? 4 * MAX_FILE : length()),
                nextFill());
    }

    private Op mapped(boolean write) {
        String path = mappedPath();
        Node node = model.now().find(path);
        Model.Mapped mapped = node == null ? null : model.mapping(node);
        if (mapped == null) {
            return new Op.Stat(path);
        }
        long room = Math.max(1, Math.min(mapped.length, node.size - mapped.offset));
        long at = random.nextInt((int) room);
        at = oneIn(3) ? at : at & -64;
        int wanted = oneIn(4) ? length() : 8 + random.nextInt(120);
        int length = (int) Math.min(mapped.length - at, wanted);
        return write ? new Op.Mwrite(path, mapped.offset + at, length, nextFill())
                : new Op.Mread(path, mapped.offset + at, length);
    }

    private Op persist() {
        return mapped(false) instanceof Op.Mread read
                ? new Op.Persist(read.path(), read.offset(), read.length())
                : new Op.Fdatasync(existing());
    }

    /** A fill names the operation; it comes again only after 255 others. */
    private int nextFill() {
        fill = fill % 255 + 1;
        return fill;
    }

    private String path() {
        return pick(DIRECTORIES) + "/" + pick(NAMES);
    }

    private String existing() {
        var paths = new ArrayList<>(model.now().paths().keySet());
        return paths.isEmpty() ? "/a" : paths.get(random.nextInt(paths.size()));
    }

    private String mappedPath() {
        List<String> mapped = new ArrayList<>();
        model.now().paths().forEach((path, node) -> {
            if (model.mapping(node) != null) {
                mapped.add(path);
            }
        });
        return mapped.isEmpty() ? "/a" : mapped.get(random.nextInt(mapped.size()));
    }

    private long offset() {
        int offset = random.nextInt(MAX_FILE);
        return switch (random.nextInt(3)) {
            case 0 -> offset & -FileBlock.BYTES;
            case 1 -> offset & -8;
            default -> offset;
        };
    }

    private int length() {
        int length = 1 + random.nextInt(oneIn(3) ? 40_000 : 5000);
        return oneIn(2) ? length : (length + FileBlock.BYTES - 1) & -FileBlock.BYTES;
    }

    @SafeVarargs
    private <T> T pick(T... of) {
        return of[random.nextInt(of.length)];
    }
}
