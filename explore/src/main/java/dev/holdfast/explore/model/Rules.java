package dev.holdfast.explore.model;

import dev.holdfast.MapMode;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;

/** Which operations make sense on the model's last state. */
final class Rules {
    private static final long BLOCK = FileBlock.BYTES;

    private final Model model;

    Rules(Model model) {
        this.model = model;
    }

    /** Tells whether an operation should be carried out; those on content need a regular file. */
    boolean allows(Op op) {
        State now = model.now();
        return switch (op) {
            case Op.Creat o -> isFree(o.path());
            case Op.Mkdir o -> isFree(o.path());
            case Op.Symlink o -> isFree(o.path());
            case Op.Link o -> {
                Node node = now.find(o.existing());
                yield node != null && !node.isDirectory() && isFree(o.path());
            }
            case Op.Unlink o -> now.find(o.path()) != null && !now.find(o.path()).isDirectory();
            case Op.Rmdir o -> {
                Node node = now.find(o.path());
                yield node != null && node.isDirectory() && node.names.isEmpty();
            }
            case Op.Rename o -> allowsRename(o);
            case Op.Setfattr o -> isReachable(o.path());
            case Op.Rmfattr o -> isReachable(o.path())
                    && now.find(o.path()).xattrs.containsKey(o.name());
            case Op.Chmod o -> isReachable(o.path());
            case Op.Stat o -> isReachable(o.path());
            case Op.Pwrite o -> isFile(o.path());
            case Op.Append o -> isFile(o.path());
            case Op.Pread o -> isFile(o.path());
            case Op.Mmap o -> isFile(o.path());
            case Op.Mwrite o -> isMapped(o.path(), o.offset(), o.length(), true);
            case Op.Mread o -> isMapped(o.path(), o.offset(), o.length(), false);
            case Op.Persist o -> isMapped(o.path(), o.offset(), o.length(), true);
            case Op.Msync o -> isFile(o.path()) && model.mapping(now.find(o.path())) != null;
            case Op.Fsync o -> isFile(o.path());
            case Op.Fdatasync o -> isFile(o.path());
            case Op.Truncate o -> isFile(o.path());
            case Op.Falloc o -> isFile(o.path());
            case Op.Fpunch o -> isFile(o.path());
            case Op.Fzero o -> isFile(o.path());
            case Op.Seek o -> isFile(o.path());
            case Op.Fiemap o -> isFile(o.path());
            case Op.Sync o -> true;
            case Op.Checkpoint o -> true;
            case Op.Tick o -> true;
            case Op.Work o -> true;
            case Op.Remount o -> true;
            case Op.PowerOff o -> true;
            case Op.Crash o -> true;
        };
    }

    /** Tells whether the volume itself refuses what the model does not allow. */
    static boolean isOfNames(Op op) {
        return op instanceof Op.Creat || op instanceof Op.Mkdir || op instanceof Op.Symlink
                || op instanceof Op.Link || op instanceof Op.Unlink || op instanceof Op.Rmdir
                || op instanceof Op.Rename;
    }

    private boolean isFree(String path) {
        return model.now().parent(path) != null && model.now().find(path) == null;
    }

    private boolean isFile(String path) {
        Node node = model.now().find(path);
        return node != null && node.isFile();
    }

    private boolean isReachable(String path) {
        Node node = model.now().find(path);
        return node != null && node.type != FileType.SYMLINK;
    }

    private boolean isMapped(String path, long offset, long length, boolean writable) {
        if (!isFile(path)) {
            return false;
        }
        Node node = model.now().find(path);
        Model.Mapped mapped = model.mapping(node);
        long pagesEnd = (node.size + BLOCK - 1) / BLOCK * BLOCK;
        return mapped != null && length > 0 && mapped.covers(offset, length)
                && offset + length <= pagesEnd
                && (!writable || mapped.mode == MapMode.SYNC || mapped.mode == MapMode.SHARED);
    }

    private boolean allowsRename(Op.Rename o) {
        State now = model.now();
        Node source = now.find(o.from());
        Node toParent = now.parent(o.to());
        if (source == null || toParent == null) {
            return false;
        }
        Node target = now.find(o.to());
        boolean exchange = o.mode() == RenameMode.EXCHANGE;
        if (target == null) {
            return !exchange && !isUnder(source, o.from(), o.to());
        }
        if (o.mode() == RenameMode.NO_REPLACE) {
            return false;
        }
        if (isUnder(source, o.from(), o.to()) || exchange && isUnder(target, o.to(), o.from())) {
            return false;
        }
        return exchange || target == source || source.isDirectory() == target.isDirectory()
                && target.names.isEmpty();
    }

    private static boolean isUnder(Node directory, String path, String below) {
        return directory.isDirectory() && below.startsWith(path + "/");
    }
}
