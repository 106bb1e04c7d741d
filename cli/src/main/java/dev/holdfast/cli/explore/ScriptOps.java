package dev.holdfast.cli.explore;

import dev.holdfast.MapMode;
import dev.holdfast.cli.io.IoOp;
import dev.holdfast.cli.io.IoScript;
import dev.holdfast.cli.io.IoSyntaxException;
import dev.holdfast.explore.model.Op;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.RenameMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns {@code io} scripts into operations whose crash states can be explored. */
final class ScriptOps {
    /** Files lie in the heap, in some versions: their ends are kept to a sane figure. */
    private static final long MAX_END_BYTES = 16L << 20;
    private static final long SMALLEST_BYTES = 1L << 20;
    private static final long LARGEST_BYTES = 64L << 20;

    private ScriptOps() {}

    /**
     * Reads a script.
     *
     * @throws IoSyntaxException a line cannot be read
     * @throws IllegalArgumentException an operation cannot be explored; the message names its line
     */
    static List<Op> read(String script) {
        List<Op> ops = new ArrayList<>();
        int number = 0;
        for (String line : script.split("\n", -1)) {
            number++;
            Optional<IoOp> op = IoScript.parseLine(line, number);
            if (op.isPresent()) {
                try {
                    ops.add(of(op.get()));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("line " + number + ": " + op.get() + ": "
                            + e.getMessage(), e);
                }
            }
        }
        if (ops.isEmpty()) {
            throw new IllegalArgumentException("the script has no operations");
        }
        return ops;
    }

    /** Returns the size of a volume on which a script has room: a power of two. */
    static long volumeBytes(List<Op> ops) {
        Map<String, Long> ends = new HashMap<>();
        for (Op op : ops) {
            switch (op) {
                case Op.Pwrite o -> ends.merge(o.path(), o.offset() + o.length(), Long::max);
                case Op.Mwrite o -> ends.merge(o.path(), o.offset() + o.length(), Long::max);
                case Op.Falloc o -> ends.merge(o.path(), o.offset() + o.length(), Long::max);
                case Op.Fzero o -> ends.merge(o.path(), o.offset() + o.length(), Long::max);
                case Op.Mmap o -> ends.merge(o.path(), o.offset() + o.length(), Long::max);
                default -> { }
            }
        }
        long wanted = 2 * ends.values().stream().mapToLong(Long::longValue).sum();
        return Math.clamp(Long.highestOneBit(Math.max(1, wanted - 1)) * 2, SMALLEST_BYTES,
                LARGEST_BYTES);
    }

    private static Op of(IoOp op) {
        return switch (op) {
            case IoOp.Creat o -> new Op.Creat(path(o.path()));
            case IoOp.Mkdir o -> new Op.Mkdir(path(o.path()));
            case IoOp.PWrite o -> new Op.Pwrite(path(o.path()), o.offset(),
                    length(o.offset(), o.length()), o.fill());
            case IoOp.PRead o -> new Op.Pread(path(o.path()), o.offset(),
                    length(o.offset(), o.length()));
            case IoOp.MMap o -> new Op.Mmap(path(o.path()), o.offset(),
                    length(o.offset(), o.length()), mode(o.kind()));
            case IoOp.MWrite o -> new Op.Mwrite(path(o.path()), o.offset(),
                    length(o.offset(), o.length()), o.fill());
            case IoOp.MRead o -> new Op.Mread(path(o.path()), o.offset(),
                    length(o.offset(), o.length()));
            case IoOp.Persist o -> new Op.Persist(path(o.path()), o.offset(),
                    length(o.offset(), o.length()));
            case IoOp.MSync o -> new Op.Msync(path(o.path()));
            case IoOp.FSync o -> new Op.Fsync(path(o.path()));
            case IoOp.FDataSync o -> new Op.Fdatasync(path(o.path()));
            case IoOp.Sync o -> new Op.Sync();
            case IoOp.Truncate o -> new Op.Truncate(path(o.path()), length(0, o.length()));
            case IoOp.FAlloc o -> new Op.Falloc(path(o.path()), o.offset(),
                    length(o.offset(), o.length()), mode(o.mode()));
            case IoOp.FPunch o -> new Op.Fpunch(path(o.path()), o.offset(),
                    length(o.offset(), o.length()));
            case IoOp.FZero o -> new Op.Fzero(path(o.path()), o.offset(),
                    length(o.offset(), o.length()));
            case IoOp.Link o -> new Op.Link(path(o.existing()), path(o.path()));
            case IoOp.Symlink o -> new Op.Symlink(o.target(), path(o.path()));
            case IoOp.Rename o -> new Op.Rename(path(o.from()), path(o.to()), mode(o.mode()));
            case IoOp.Unlink o -> new Op.Unlink(path(o.path()));
            case IoOp.Rmdir o -> new Op.Rmdir(path(o.path()));
            case IoOp.SetFAttr o -> new Op.Setfattr(path(o.path()), o.name(), o.value());
            case IoOp.RmFAttr o -> new Op.Rmfattr(path(o.path()), o.name());
            case IoOp.Seek o -> new Op.Seek(path(o.path()), o.kind() == IoOp.SeekKind.DATA,
                    o.offset());
            case IoOp.FieMap o -> new Op.Fiemap(path(o.path()));
            case IoOp.Stat o -> new Op.Stat(path(o.path()));
            case IoOp.Checkpoint o -> new Op.Checkpoint();
            case IoOp.Crash o -> new Op.Crash(o.seed().orElse(1), List.of());
        };
    }

    private static String path(String path) {
        if (!path.startsWith("/") || path.contains("//") || path.endsWith("/")
                || path.contains("/./") || path.contains("/../")) {
            throw new IllegalArgumentException("give the path from the root, in its plainest form"
                    + " (/d/file), not " + path);
        }
        return path;
    }

    private static int length(long offset, long length) {
        if (offset + length > MAX_END_BYTES) {
            throw new IllegalArgumentException("it ends past " + MAX_END_BYTES
                    + " bytes, the most that is explored of a file; take smaller offsets");
        }
        return (int) length;
    }

    private static MapMode mode(IoOp.MapKind kind) {
        return switch (kind) {
            case SYNC -> MapMode.SYNC;
            case SHARED -> MapMode.SHARED;
            case PRIVATE -> MapMode.PRIVATE;
        };
    }

    private static AllocateMode mode(IoOp.AllocateMode mode) {
        return switch (mode) {
            case EXTEND -> AllocateMode.UNWRITTEN;
            case KEEP_SIZE -> AllocateMode.UNWRITTEN_KEEP_SIZE;
            case WRITE_ZEROES -> AllocateMode.WRITTEN;
        };
    }

    private static RenameMode mode(IoOp.RenameMode mode) {
        return switch (mode) {
            case REPLACE -> RenameMode.REPLACE;
            case NO_REPLACE -> RenameMode.NO_REPLACE;
            case EXCHANGE -> RenameMode.EXCHANGE;
        };
    }
}
