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
    private static final long HUGE_BYTES = 2L << 20;

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

        private void touch(long from, long to) {
            for (long page = from / BLOCK; page * BLOCK < to; page++) {
                touched.add(page);
            }
        }

        boolean covers(long from, long bytes) {
            return from >= offset && from + bytes <= offset + length;
        }
    }

    private final CommitPolicy policy;
    private final Rules rules = new Rules(this);
    private final List<State> states = new ArrayList<>();
    private final List<Op> ops = new ArrayList<>();
    private final List<Long> lsns = new ArrayList<>();
    /** Every operation there ever was, by its generation. */
    private final Map<Integer, Op> history = new HashMap<>();
    /** What the last operation promises once it has returned. */
    private final List<Runnable> promises = new ArrayList<>();
    private final Map<Integer, Mapped> mappings = new HashMap<>();
    /**
     * Blocks that must be whole if the last operation, which the crash interrupted, is found done.
     */
    private List<FileBlock> wholeIfDone = List.of();
    private int required;
    /** Of the last operation. */
    private int generation;
    private int nextGeneration = 1;

    Model(CommitPolicy policy) {
        this.policy = policy;
        restart(new State());
    }

    private void note(Op op, int generation) {
        history.put(generation, op);
        this.generation = generation;
        nextGeneration = Math.max(nextGeneration, generation + 1);
    }

    void restart(State from) {
        states.clear();
        ops.clear();
        lsns.clear();
        mappings.clear();
        promises.clear();
        wholeIfDone = List.of();
        required = 0;
        states.add(from);
        ops.add(null);
        lsns.add(0L);
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

    /** Returns a generation that no operation has yet. */
    int newGeneration() {
        return nextGeneration++;
    }

    /** Returns the operation of a generation, or null if there was none. */
    Op ofGeneration(int ofGeneration) {
        return history.get(ofGeneration);
    }

    List<FileBlock> wholeIfDone() {
        return wholeIfDone;
    }

    /** Tells whether an operation should be carried out; those on content need a regular file. */
    boolean allows(Op op) {
        return rules.allows(op);
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

    // What is done.

    /** Makes the state after an operation that is allowed and has returned. */
    void apply(Op op) {
        begin(op);
        complete();
    }

    /** Makes the state after an operation that is allowed; it promises nothing yet. */
    void begin(Op op) {
        begin(op, newGeneration());
    }

    /** As {@link #begin(Op)}, of an operation that has its generation already. */
    void begin(Op op, int generation) {
        int number = states.size();
        State next = now().copy();
        states.add(next);
        ops.add(op);
        lsns.add(Long.MAX_VALUE);
        note(op, generation);
        promises.clear();
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
            case Op.Pwrite o -> write(next, o.path(), o.offset(), o.length(), o.fill());
            case Op.Append o ->
                    write(next, o.path(), next.find(o.path()).size, o.length(), o.fill());
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
            case Op.Remount o -> {
                mappings.clear();
                next.paths().values().forEach(node -> persist(node, 0, Long.MAX_VALUE));
                require(number);
            }
            case Op.PowerOff o -> { }
            case Op.Crash o -> { }
        }
        if (policy == CommitPolicy.ALWAYS) {
            requireOf(op, next, number);
        }
    }

    /** Says that the last operation has returned: what it promises holds from now on. */
    void complete() {
        promises.forEach(Runnable::run);
        promises.clear();
    }

    /** Under the policy {@code always} a call returns when its own change is durable. */
    private void requireOf(Op op, State next, int number) {
        switch (op) {
            case Op.Pwrite o -> require(next.find(o.path()).dataChangedAt);
            case Op.Append o -> require(next.find(o.path()).dataChangedAt);
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
            default -> require(Rules.isOfNames(op) ? number : 0);
        }
    }

    private void require(int number) {
        promises.add(() -> required = Math.max(required, number));
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

    private void write(State next, String path, long offset, int length, int fill) {
        Node node = next.edit(next.find(path).id);
        long end = offset + length;
        if (length == 0) {
            return;
        }
        if (end > node.size) {
            zeroPastEnd(node);
        }
        allocate(node, offset, end, true);
        store(node, offset, end, fill);
        node.resize(Math.max(node.size, end), last());
        if (policy == CommitPolicy.ALWAYS) {
            persist(node, offset, end);
        }
    }

    private void mwrite(State next, Op.Mwrite o) {
        Node node = next.edit(next.find(o.path()).id);
        long end = o.offset() + o.length();
        Mapped mapped = mapping(node);
        if (o.huge()) {
            allocate(node, o.offset() & -HUGE_BYTES, end + HUGE_BYTES - 1 & -HUGE_BYTES, true);
        }
        allocate(node, o.offset(), end, true);
        store(node, o.offset(), end, o.fill());
        if (mapped.mode != MapMode.SYNC) {
            return;
        }
        for (long page = o.offset() / BLOCK; page * BLOCK < end; page++) {
            require(node.blocks.get(page).bornAt);
            require(node.coveredAt(page));
            if (!mapped.touched.contains(page)) {
                require(node.dataChangedAt);
            }
        }
        promises.add(() -> mapped.touch(o.offset(), end));
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
        eachWritten(node, from, to, (page, block, start, end) -> block.zero(start, end));
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
        void accept(long page, FileBlock block, int from, int to);
    }

    private static void eachWritten(Node node, long from, long to, BlockAction action) {
        node.blocks.tailMap(from / BLOCK).forEach((page, block) -> {
            long start = Math.max(from, page * BLOCK);
            long end = Math.min(to, (page + 1) * BLOCK);
            if (block.written && start < end) {
                action.accept(page, block, (int) (start - page * BLOCK),
                        (int) (end - page * BLOCK));
            }
        });
    }

    private void store(Node node, long from, long to, int fill) {
        Pattern pattern = new Pattern(fill, generation);
        eachWritten(node, from, to, (page, block, start, end) ->
                block.store(start, end, pattern, page * BLOCK));
    }

    private void persist(Node node, long from, long to) {
        promises.add(() -> eachWritten(node, from, to,
                (page, block, start, end) -> block.persist(start, end)));
    }

    private void datasync(Node node) {
        persist(node, 0, Long.MAX_VALUE);
        require(node.dataChangedAt);
    }

    /** Takes over what an operation that ran out of space did to a file. */
    void adopt(Op op, int generation, String path, Observed.Entry found) {
        int number = states.size();
        State next = now().copy();
        Node node = next.edit(next.find(path).id);
        states.add(next);
        ops.add(op);
        lsns.add(Long.MAX_VALUE);
        note(op, generation);
        promises.clear();
        node.blocks.keySet().removeIf(page -> found.kind(page) == Observed.HOLE);
        for (int page = 0; page < found.kinds().length; page++) {
            byte kind = found.kinds()[page];
            FileBlock block = node.blocks.get((long) page);
            if (kind == Observed.HOLE) {
                continue;
            }
            boolean written = kind == Observed.WRITTEN;
            if (block == null || block.written != written) {
                block = new FileBlock(written, number);
                node.blocks.put((long) page, block);
                node.dataChanged(number);
            }
            int end = found.blockEnd(page);
            if (written && end > 0) {
                block.observe(found.contents(), page * FileBlock.BYTES, end);
            }
        }
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
