package dev.holdfast.explore.model;

import dev.holdfast.CommitPolicy;
import dev.holdfast.MapMode;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the file system should be after each operation since the last recovery, and which of these
 * states a crash may not go back behind.
 *
 * <p>State n is what n operations made. {@link #required} follows from promises alone (sync
 * mappings, fsync, fdatasync, sync, the policy {@code always}), not from what the volume says of
 * itself; {@link #requireDurable} adds that.
 */
final class Model {
    private static final long BLOCK = FileBlock.BYTES;

    /** A mapping, and the pages surely seen writable through it. */
    static final class Mapped {
        final long offset;
        final long length;
        final MapMode mode;
        private final Set<Long> touched = new HashSet<>();

        Mapped(long offset, long length, MapMode mode) {
            this.offset = offset;
            this.length = length;
            this.mode = mode;
        }

        boolean covers(long from, long bytes) {
            return from >= offset && from + bytes <= offset + length;
        }
    }

    private final CommitPolicy policy;
    private final List<State> states = new ArrayList<>();
    private final List<Op> ops = new ArrayList<>();
    private final List<Long> lsns = new ArrayList<>();
    private final Map<Integer, Mapped> mappings = new HashMap<>();
    /**
     * Blocks that must be whole if the last operation, which the crash interrupted, is found done.
     */
    private List<FileBlock> wholeIfDone = List.of();
    private int required;
    private boolean isComplete;

    Model(CommitPolicy policy) {
        this.policy = policy;
        restart(new State());
    }

    void restart(State from) {
        states.clear();
        ops.clear();
        lsns.clear();
        mappings.clear();
        wholeIfDone = List.of();
        required = 0;
        states.add(from);
        ops.add(null);
        lsns.add(0L);
    }

    void unmapAll() {
        mappings.clear();
    }

    void unmap(String path) {
        mappings.remove(now().find(path).id);
    }

    State now() {
        return states.getLast();
    }

    int last() {
        return states.size() - 1;
    }

    State state(int number) {
        return states.get(number);
    }

    /** Returns the operation that made a state. */
    Op op(int number) {
        return ops.get(number);
    }

    int required() {
        return required;
    }

    List<FileBlock> wholeIfDone() {
        return wholeIfDone;
    }

    Mapped mapping(Node node) {
        return mappings.get(node.id);
    }

    /** Notes what the volume says is durable: no crash goes back behind it. */
    void requireDurable(long durableLsn) {
        for (int i = 0; i < lsns.size(); i++) {
            if (lsns.get(i) <= durableLsn) {
                required = Math.max(required, i);
            }
        }
    }

    /** Notes the LSN of the last state, and all its promises. */
    void completed(long changeLsn) {
        lsns.set(last(), changeLsn);
    }

    // What is refused.

    /** Tells whether an operation should be carried out; those on content need a regular file. */
    boolean allows(Op op) {
        State now = now();
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
            case Op.Pread o -> isFile(o.path());
            case Op.Mmap o -> isFile(o.path());
            case Op.Mwrite o -> isMapped(o.path(), o.offset(), o.length(), true);
            case Op.Mread o -> isMapped(o.path(), o.offset(), o.length(), false);
            case Op.Persist o -> isMapped(o.path(), o.offset(), o.length(), true);
            case Op.Msync o -> isFile(o.path()) && mapping(now.find(o.path())) != null;
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
        return now().parent(path) != null && now().find(path) == null;
    }

    private boolean isFile(String path) {
        Node node = now().find(path);
        return node != null && node.isFile();
    }

    private boolean isReachable(String path) {
        Node node = now().find(path);
        return node != null && node.type != FileType.SYMLINK;
    }

    private boolean isMapped(String path, long offset, long length, boolean writable) {
        if (!isFile(path)) {
            return false;
        }
        Node node = now().find(path);
        Mapped mapped = mapping(node);
        long pagesEnd = (node.size + BLOCK - 1) / BLOCK * BLOCK;
        return mapped != null && length > 0 && mapped.covers(offset, length)
                && offset + length <= pagesEnd
                && (!writable || mapped.mode == MapMode.SYNC || mapped.mode == MapMode.SHARED);
    }

    private boolean allowsRename(Op.Rename o) {
        State now = now();
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

    // What is done.

    /**
     * Makes the state after an operation that is allowed.
     *
     * @param complete whether it returned; else a power cut interrupted it, and it promises nothing
     */
    void apply(Op op, boolean complete) {
        int number = states.size();
        State next = now().copy();
        states.add(next);
        ops.add(op);
        lsns.add(Long.MAX_VALUE);
        isComplete = complete;
        wholeIfDone = List.of();
        switch (op) {
            case Op.Creat o -> make(next, o.path(), FileType.FILE, 0644, null);
            case Op.Mkdir o -> make(next, o.path(), FileType.DIRECTORY, 0755, null);
            case Op.Symlink o -> make(next, o.path(), FileType.SYMLINK, 0777, o.target());
            case Op.Link o -> {
                Node node = next.edit(next.find(o.existing()).id);
                node.dataChanged(number);
                enter(next, o.path(), node.id);
            }
            case Op.Unlink o -> remove(next, o.path());
            case Op.Rmdir o -> remove(next, o.path());
            case Op.Rename o -> rename(next, o);
            case Op.Setfattr o -> edit(next, o.path()).xattrs.put(o.name(), o.value());
            case Op.Rmfattr o -> edit(next, o.path()).xattrs.remove(o.name());
            case Op.Chmod o -> edit(next, o.path()).mode = o.mode();
            case Op.Pwrite o -> write(next, o);
            case Op.Mwrite o -> mwrite(next, o);
            case Op.Truncate o -> truncate(next, o);
            case Op.Falloc o -> falloc(next, o);
            case Op.Fpunch o -> punch(next, o);
            case Op.Fzero o -> zero(next, o);
            case Op.Mmap o -> mappings.put(next.find(o.path()).id,
                    new Mapped(o.offset(), o.length(), o.mode()));
            case Op.Persist o -> persist(next.find(o.path()), o.offset(), o.offset() + o.length());
            case Op.Msync o -> datasync(next.find(o.path()));
            case Op.Fdatasync o -> datasync(next.find(o.path()));
            case Op.Fsync o -> {
                datasync(next.find(o.path()));
                require(next.find(o.path()).changedAt);
            }
            case Op.Sync o -> {
                next.paths().values().forEach(node -> persist(node, 0, Long.MAX_VALUE));
                require(number);
            }
            case Op.Checkpoint o -> require(number);
            case Op.Pread o -> { }
            case Op.Mread o -> { }
            case Op.Seek o -> { }
            case Op.Fiemap o -> { }
            case Op.Stat o -> { }
            case Op.Tick o -> { }
            case Op.Work o -> { }
            case Op.Remount o -> { }
            case Op.PowerOff o -> { }
            case Op.Crash o -> { }
        }
        if (policy == CommitPolicy.ALWAYS) {
            requireOf(op, next, number);
        }
    }

    /** Under the policy {@code always} a call returns when its own change is durable. */
    private void requireOf(Op op, State next, int number) {
        switch (op) {
            case Op.Pwrite o -> require(next.find(o.path()).dataChangedAt);
            case Op.Truncate o -> require(next.find(o.path()).dataChangedAt);
            case Op.Falloc o -> require(next.find(o.path()).dataChangedAt);
            case Op.Fpunch o -> require(next.find(o.path()).dataChangedAt);
            case Op.Fzero o -> require(next.find(o.path()).dataChangedAt);
            case Op.Setfattr o -> require(number);
            case Op.Rmfattr o -> require(number);
            case Op.Chmod o -> require(number);
            case Op.Rename o -> {
                if (next.find(o.from()) != next.find(o.to())) {
                    require(number);
                }
            }
            default -> require(isOfNames(op) ? number : 0);
        }
    }

    private void require(int number) {
        if (isComplete) {
            required = Math.max(required, number);
        }
    }

    private Node edit(State next, String path) {
        Node node = next.edit(next.find(path).id);
        node.changedAt = last();
        return node;
    }

    private void make(State next, String path, FileType type, int mode, String target) {
        Node node = next.add(type, mode, target);
        node.dataChanged(last());
        enter(next, path, node.id);
    }

    private static void enter(State next, String path, int id) {
        next.edit(next.parent(path).id).names.put(State.name(path), id);
    }

    private static void remove(State next, String path) {
        next.edit(next.parent(path).id).names.remove(State.name(path));
    }

    private void rename(State next, Op.Rename o) {
        int source = next.find(o.from()).id;
        Node target = next.find(o.to());
        if (target != null && target.id == source) {
            return;
        }
        next.edit(source).dataChanged(last());
        if (o.mode() == RenameMode.EXCHANGE) {
            next.edit(target.id).dataChanged(last());
            enter(next, o.to(), source);
            enter(next, o.from(), target.id);
            return;
        }
        remove(next, o.from());
        enter(next, o.to(), source);
        if (target != null) {
            wholeIfDone = List.copyOf(next.node(source).blocks.values());
            persist(next.node(source), 0, Long.MAX_VALUE);
        }
    }

    private void write(State next, Op.Pwrite o) {
        Node node = next.edit(next.find(o.path()).id);
        long end = o.offset() + o.length();
        if (o.length() == 0) {
            return;
        }
        if (end > node.size) {
            zeroPastEnd(node);
        }
        allocate(node, o.offset(), end, true);
        store(node, o.offset(), end, (byte) o.fill());
        node.resize(Math.max(node.size, end), last());
        if (policy == CommitPolicy.ALWAYS) {
            persist(node, o.offset(), end);
        }
    }

    private void mwrite(State next, Op.Mwrite o) {
        Node node = next.edit(next.find(o.path()).id);
        long end = o.offset() + o.length();
        Mapped mapped = mapping(node);
        allocate(node, o.offset(), end, true);
        store(node, o.offset(), end, (byte) o.fill());
        if (mapped.mode != MapMode.SYNC || !isComplete) {
            return;
        }
        for (long page = o.offset() / BLOCK; page * BLOCK < end; page++) {
            require(node.blocks.get(page).bornAt);
            require(node.coveredAt(page));
            if (mapped.touched.add(page)) {
                require(node.dataChangedAt);
            }
        }
    }

    private void truncate(State next, Op.Truncate o) {
        Node node = next.edit(next.find(o.path()).id);
        if (o.size() > node.size) {
            zeroPastEnd(node);
        } else if (o.size() < node.size) {
            node.blocks.tailMap((o.size() + BLOCK - 1) / BLOCK).clear();
        }
        node.resize(o.size(), last());
    }

    private void falloc(State next, Op.Falloc o) {
        Node node = next.edit(next.find(o.path()).id);
        long end = o.offset() + o.length();
        boolean grows = o.mode() != AllocateMode.UNWRITTEN_KEEP_SIZE && end > node.size;
        if (grows) {
            zeroPastEnd(node);
        }
        allocate(node, o.offset(), end, o.mode() == AllocateMode.WRITTEN);
        if (grows) {
            node.resize(end, last());
        }
    }

    private void punch(State next, Op.Fpunch o) {
        Node node = next.edit(next.find(o.path()).id);
        long allocatedEnd = node.blocks.isEmpty() ? 0 : (node.blocks.lastKey() + 1) * BLOCK;
        long end = Math.min(o.offset() + o.length(), Math.max(node.size, allocatedEnd));
        if (end <= o.offset()) {
            return;
        }
        long from = (o.offset() + BLOCK - 1) / BLOCK;
        long to = end / BLOCK;
        if (from > to) {
            zeroInPlace(node, o.offset(), end);
            return;
        }
        zeroInPlace(node, o.offset(), Math.min(end, from * BLOCK));
        zeroInPlace(node, to * BLOCK, end);
        if (!node.blocks.subMap(from, to).isEmpty()) {
            node.blocks.subMap(from, to).clear();
            node.dataChanged(last());
        }
    }

    private void zero(State next, Op.Fzero o) {
        Node node = next.edit(next.find(o.path()).id);
        long end = o.offset() + o.length();
        zeroInPlace(node, o.offset(), end);
        if (end > node.size) {
            zeroPastEnd(node);
        }
        allocate(node, o.offset(), end, false);
        node.resize(Math.max(node.size, end), last());
    }

    private void zeroInPlace(Node node, long from, long to) {
        store(node, from, to, (byte) 0);
        persist(node, from, to);
    }

    /** Nothing past the end is seen, so it may count as zero from before the file grows. */
    private static void zeroPastEnd(Node node) {
        node.blocks.tailMap(node.size / BLOCK).forEach((page, block) ->
                block.zeroForGood((int) Math.max(0, node.size - page * BLOCK), FileBlock.BYTES));
    }

    private void allocate(Node node, long from, long to, boolean written) {
        for (long page = from / BLOCK; page * BLOCK < to; page++) {
            FileBlock block = node.blocks.get(page);
            if (block == null || written && !block.written) {
                node.blocks.put(page, new FileBlock(written, last()));
                node.dataChanged(last());
            }
        }
    }

    private interface BlockAction {
        void accept(FileBlock block, int from, int to);
    }

    private static void eachWritten(Node node, long from, long to, BlockAction action) {
        node.blocks.tailMap(from / BLOCK).forEach((page, block) -> {
            long start = Math.max(from, page * BLOCK);
            long end = Math.min(to, (page + 1) * BLOCK);
            if (block.written && start < end) {
                action.accept(block, (int) (start - page * BLOCK), (int) (end - page * BLOCK));
            }
        });
    }

    private static void store(Node node, long from, long to, byte fill) {
        eachWritten(node, from, to, (block, start, end) -> block.store(start, end, fill));
    }

    private void persist(Node node, long from, long to) {
        if (isComplete) {
            eachWritten(node, from, to, FileBlock::persist);
        }
    }

    private void datasync(Node node) {
        persist(node, 0, Long.MAX_VALUE);
        require(node.dataChangedAt);
    }

    /** Takes over what an operation that ran out of space did to a file. */
    void adopt(Op op, String path, Observed.Entry found) {
        int number = states.size();
        State next = now().copy();
        Node node = next.edit(next.find(path).id);
        states.add(next);
        ops.add(op);
        lsns.add(Long.MAX_VALUE);
        node.blocks.keySet().retainAll(found.blocks().keySet());
        found.blocks().forEach((page, written) -> {
            FileBlock block = node.blocks.get(page);
            if (block == null || block.written != written) {
                block = new FileBlock(written, number);
                node.blocks.put(page, block);
                node.dataChanged(number);
            }
            int end = (int) Math.clamp(found.size() - page * BLOCK, 0, BLOCK);
            if (written && end > 0) {
                block.observe(found.block(page), end);
            }
        });
        node.resize(found.size(), number);
    }

    static byte[] contents(Node node) {
        byte[] all = new byte[(int) node.size];
        node.blocks.forEach((page, block) -> {
            int length = (int) Math.min(BLOCK, node.size - page * BLOCK);
            if (block.written && length > 0) {
                System.arraycopy(block.live(), 0, all, (int) (page * BLOCK), length);
            }
        });
        return all;
    }
}
