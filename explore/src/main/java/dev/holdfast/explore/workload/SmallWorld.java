package dev.holdfast.explore.workload;

import dev.holdfast.MapMode;
import dev.holdfast.explore.model.Op;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.RenameMode;
import java.util.ArrayList;
import java.util.List;

/**
 * A few files and directories, and what can be done to them: the operations that sequences are made
 * of.
 *
 * <p>{@code /a} is mapped sync: two written blocks and a hole of one. {@code /d/c} is mapped plain:
 * a written block and a hole. {@code /b} is not mapped: part of a block.
 */
final class SmallWorld {
    static final List<Op> SETUP = List.of(
            new Op.Creat("/a"),
            new Op.Pwrite("/a", 0, 8192, 1),
            new Op.Truncate("/a", 12288),
            new Op.Setfattr("/a", "user.x", "1"),
            new Op.Creat("/b"),
            new Op.Pwrite("/b", 0, 3000, 2),
            new Op.Mkdir("/d"),
            new Op.Creat("/d/c"),
            new Op.Pwrite("/d/c", 0, 4096, 3),
            new Op.Truncate("/d/c", 8192),
            new Op.Mkdir("/e"),
            new Op.Mmap("/a", 0, 12288, MapMode.SYNC),
            new Op.Mmap("/d/c", 0, 8192, MapMode.SHARED));

    /** An operation, and the file that a sync after it is of, or null. */
    record Step(Op op, String file) {
        /** Returns the ways to make it durable. */
        List<Op> follows() {
            List<Op> follows = new ArrayList<>();
            follows.add(new Op.Sync());
            if (file != null) {
                follows.add(new Op.Fsync(file));
                follows.add(new Op.Fdatasync(file));
            }
            if (op instanceof Op.Mwrite stored) {
                follows.add(new Op.Persist(stored.path(), stored.offset(), stored.length()));
                follows.add(new Op.Msync(stored.path()));
            }
            return follows;
        }
    }

    private SmallWorld() {}

    /** Returns the operations; each kind, and where it matters each case of it. */
    static List<Step> steps() {
        return List.of(
                of(new Op.Creat("/n"), "/n"),
                of(new Op.Creat("/d/n"), "/d/n"),
                of(new Op.Mkdir("/m"), null),
                of(new Op.Mkdir("/d/m"), null),
                of(new Op.Symlink("a", "/s"), null),
                of(new Op.Link("/a", "/l"), "/l"),
                of(new Op.Link("/b", "/d/l"), "/d/l"),
                of(new Op.Unlink("/a"), null),
                of(new Op.Unlink("/b"), null),
                of(new Op.Unlink("/d/c"), null),
                of(new Op.Rmdir("/e"), null),
                rename("/a", "/n", RenameMode.REPLACE, "/n"),
                rename("/b", "/d/n", RenameMode.REPLACE, "/d/n"),
                rename("/a", "/b", RenameMode.REPLACE, "/b"),
                rename("/b", "/d/c", RenameMode.REPLACE, "/d/c"),
                rename("/b", "/a", RenameMode.EXCHANGE, "/a"),
                rename("/d", "/m", RenameMode.REPLACE, null),
                rename("/e", "/d/m", RenameMode.REPLACE, null),
                of(new Op.Falloc("/a", 8192, 8192, AllocateMode.UNWRITTEN), "/a"),
                of(new Op.Falloc("/a", 8192, 8192, AllocateMode.UNWRITTEN_KEEP_SIZE), "/a"),
                of(new Op.Falloc("/a", 8192, 8192, AllocateMode.WRITTEN), "/a"),
                of(new Op.Falloc("/b", 0, 8192, AllocateMode.UNWRITTEN), "/b"),
                of(new Op.Pwrite("/a", 100, 200, 11), "/a"),
                of(new Op.Pwrite("/a", 6000, 8000, 12), "/a"),
                of(new Op.Pwrite("/b", 0, 4096, 13), "/b"),
                of(new Op.Pwrite("/b", 9000, 500, 14), "/b"),
                of(new Op.Append("/b", 2000, 15), "/b"),
                of(new Op.Append("/a", 100, 16), "/a"),
                of(new Op.Mwrite("/a", 64, 64, 17), "/a"),
                of(new Op.Mwrite("/a", 8192, 64, 18), "/a"),
                of(new Op.Mwrite("/a", 4032, 8192, 19), "/a"),
                of(new Op.Mwrite("/d/c", 0, 64, 20), "/d/c"),
                of(new Op.Mwrite("/d/c", 4160, 128, 21), "/d/c"),
                of(new Op.Truncate("/a", 0), "/a"),
                of(new Op.Truncate("/a", 5000), "/a"),
                of(new Op.Truncate("/a", 20000), "/a"),
                of(new Op.Truncate("/b", 100), "/b"),
                of(new Op.Fpunch("/a", 4096, 4096), "/a"),
                of(new Op.Fpunch("/a", 100, 8000), "/a"),
                of(new Op.Fzero("/a", 2000, 4096), "/a"),
                of(new Op.Setfattr("/a", "user.x", "22"), "/a"),
                of(new Op.Setfattr("/d", "user.y", "v"), null),
                of(new Op.Rmfattr("/a", "user.x"), "/a"),
                of(new Op.Tick(), null));
    }

    private static Step of(Op op, String file) {
        return new Step(op, file);
    }

    private static Step rename(String from, String to, RenameMode mode, String file) {
        return new Step(new Op.Rename(from, to, mode), file);
    }
}
