package dev.holdfast.explore.model;

import dev.holdfast.DaxFile;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.explore.Violation;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Carries operations out on a volume, and compares what they return with the model. */
final class Driver implements AutoCloseable {
    private static final long HUGE_BYTES = 2L << 20;

    private final Volume volume;
    private final Model model;
    private final Map<Integer, Mapping> mappings = new HashMap<>();
    private final Map<Integer, DaxFile> mappedFiles = new HashMap<>();

    Driver(Volume volume, Model model) {
        this.volume = volume;
        this.model = model;
    }

    /**
     * Carries out an operation; returns what was done, which is less when space ran out.
     *
     * @param generation names the operation in what it stores
     */
    Op run(Op op, int generation) throws IOException {
        switch (op) {
            case Op.Creat o -> volume.createFile(o.path()).close();
            case Op.Mkdir o -> volume.createDirectory(o.path());
            case Op.Symlink o -> volume.createSymbolicLink(o.path(), o.target());
            case Op.Link o -> volume.link(o.existing(), o.path());
            case Op.Unlink o -> volume.unlink(o.path());
            case Op.Rmdir o -> volume.removeDirectory(o.path());
            case Op.Rename o -> volume.rename(o.from(), o.to(), o.mode());
            case Op.Setfattr o -> volume.setXattr(o.path(), o.name(),
                    o.value().getBytes(StandardCharsets.UTF_8), XattrMode.CREATE_OR_REPLACE);
            case Op.Rmfattr o -> volume.removeXattr(o.path(), o.name());
            case Op.Chmod o -> volume.setAttributes(o.path(), new AttributeChange().mode(o.mode()));
            case Op.Sync o -> volume.sync();
            case Op.Checkpoint o -> volume.checkpoint();
            case Op.Mmap o -> map(o);
            case Op.Mread o -> mread(o);
            case Op.Persist o -> persist(o);
            case Op.Msync o -> mappings.get(node(o.path()).id).sync();
            case Op.Stat o -> compare(o.path());
            case Op.Fiemap o -> compare(o.path());
            case Op.Mwrite o -> {
                return mwrite(o, new Pattern(o.fill(), generation));
            }
            case Op.Pwrite o -> {
                return pwrite(o, new Pattern(o.fill(), generation));
            }
            case Op.Append o -> append(o, new Pattern(o.fill(), generation));
            case Op.Pread o -> onFile(o.path(), file -> pread(file, o));
            case Op.Fsync o -> onFile(o.path(), DaxFile::fsync);
            case Op.Fdatasync o -> onFile(o.path(), DaxFile::fdatasync);
            case Op.Truncate o -> onFile(o.path(), file -> file.truncate(o.size()));
            case Op.Falloc o -> onFile(o.path(),
                    file -> file.allocate(o.mode(), o.offset(), o.length()));
            case Op.Fpunch o -> onFile(o.path(), file -> file.punchHole(o.offset(), o.length()));
            case Op.Fzero o -> onFile(o.path(), file -> file.zeroRange(o.offset(), o.length()));
            case Op.Seek o -> onFile(o.path(), file -> seek(file, o));
            case Op.Work o -> throw new AssertionError(o);
            case Op.Tick o -> throw new AssertionError(o);
            case Op.Remount o -> throw new AssertionError(o);
            case Op.PowerOff o -> throw new AssertionError(o);
            case Op.Crash o -> throw new AssertionError(o);
        }
        return op;
    }

    private interface FileAction {
        void run(DaxFile file) throws IOException;
    }

    private void onFile(String path, FileAction action) throws IOException {
        try (DaxFile file = volume.openFile(path)) {
            action.run(file);
        }
    }

    private Node node(String path) {
        return model.now().find(path);
    }

    private Op pwrite(Op.Pwrite o, Pattern pattern) throws IOException {
        byte[] bytes = bytes(pattern, o.offset(), o.length());
        try (DaxFile file = volume.openFile(o.path())) {
            int written = file.write(ByteBuffer.wrap(bytes), o.offset());
            return new Op.Pwrite(o.path(), o.offset(), written, o.fill());
        }
    }

    private void append(Op.Append o, Pattern pattern) throws IOException {
        long at = node(o.path()).size;
        try (DaxFile file = volume.openFile(o.path())) {
            long found = file.append(ByteBuffer.wrap(bytes(pattern, at, o.length())));
            require(found == at, () -> o + " began at " + found + " instead of " + at);
        }
    }

    private static byte[] bytes(Pattern pattern, long offset, int length) {
        byte[] bytes = new byte[length];
        pattern.fill(MemorySegment.ofArray(bytes), offset);
        return bytes;
    }

    static void require(boolean condition, Supplier<String> message) {
        if (!condition) {
            throw new Violation(message.get());
        }
    }

    private void pread(DaxFile file, Op.Pread o) throws IOException {
        byte[] expected = Model.contents(node(o.path()));
        int from = (int) Math.min(o.offset(), expected.length);
        int to = (int) Math.min(o.offset() + o.length(), expected.length);
        ByteBuffer found = ByteBuffer.allocate(o.length());
        int read = file.read(found, o.offset());
        require(read == to - from, () -> o + " read " + read + " bytes");
        requireSame(o, from, Arrays.copyOfRange(expected, from, to),
                Arrays.copyOf(found.array(), read));
    }

    private static void requireSame(Op op, long from, byte[] expected, byte[] found) {
        int at = Arrays.mismatch(expected, found);
        require(at < 0, () -> op + ": byte " + (from + at) + " is " + (found[at] & 0xff)
                + " instead of " + (expected[at] & 0xff));
    }

    private void map(Op.Mmap o) throws IOException {
        int id = node(o.path()).id;
        unmap(id);
        DaxFile file = volume.openFile(o.path());
        try {
            mappings.put(id, file.map(o.mode(), o.offset(), o.length(), o.length() >= HUGE_BYTES));
            mappedFiles.put(id, file);
        } finally {
            if (!mappedFiles.containsKey(id)) {
                file.close();
            }
        }
    }

    private void unmap(int id) {
        if (mappings.containsKey(id)) {
            mappings.remove(id).close();
            mappedFiles.remove(id).close();
        }
    }

    private Mapping mapping(String path) {
        return mappings.get(node(path).id);
    }

    private long inMapping(String path, long offset) {
        return offset - model.mapping(node(path)).offset;
    }

    private Op mwrite(Op.Mwrite o, Pattern pattern) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            pattern.fill(
                    mapping(o.path()).writable(inMapping(o.path(), o.offset()), o.length(), arena),
                    o.offset());
        }
        boolean huge = model.mapping(node(o.path())).length >= HUGE_BYTES && tookHugePage(o);
        return new Op.Mwrite(o.path(), o.offset(), o.length(), o.fill(), huge);
    }

    /** Tells whether the file has blocks where it had none and none were asked for. */
    private boolean tookHugePage(Op.Mwrite o) throws IOException {
        Node node = node(o.path());
        Observed.Entry entry = Observed.entry(volume, o.path(), node.type);
        long first = o.offset() / HUGE_BYTES * HUGE_BYTES / FileBlock.BYTES;
        long end = (o.offset() + o.length() + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES
                / FileBlock.BYTES;
        for (long page = first; page < end; page++) {
            boolean asked = page >= o.offset() / FileBlock.BYTES
                    && page * FileBlock.BYTES < o.offset() + o.length();
            if (!asked && node.blocks.get(page) == null && entry.kind(page) != Observed.HOLE) {
                return true;
            }
        }
        return false;
    }

    private void mread(Op.Mread o) throws IOException {
        byte[] expected = Model.contents(node(o.path()));
        int to = (int) Math.min(o.offset() + o.length(), expected.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = mapping(o.path())
                    .readable(inMapping(o.path(), o.offset()), o.length(), arena);
            if (o.offset() < to) {
                requireSame(o, o.offset(), Arrays.copyOfRange(expected, (int) o.offset(), to),
                        found.asSlice(0, to - o.offset()).toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    private void persist(Op.Persist o) throws IOException {
        mapping(o.path()).persist(inMapping(o.path(), o.offset()), o.length());
    }

    private void seek(DaxFile file, Op.Seek o) throws IOException {
        Node node = node(o.path());
        long expected = o.offset() >= node.size ? -1 : expectedSeek(node, o);
        long found;
        try {
            found = o.data() ? file.seekData(o.offset()) : file.seekHole(o.offset());
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.NO_DATA) {
                throw e;
            }
            found = -1;
        }
        long at = found;
        require(at == expected, () -> o + " found " + at + " instead of " + expected);
    }

    private static long expectedSeek(Node node, Op.Seek o) {
        for (long at = o.offset(); at < node.size;
                at = (at / FileBlock.BYTES + 1) * FileBlock.BYTES) {
            FileBlock block = node.blocks.get(at / FileBlock.BYTES);
            if ((block != null && block.written) == o.data()) {
                return at;
            }
        }
        return o.data() ? -1 : node.size;
    }

    private void compare(String path) throws IOException {
        Node node = node(path);
        Observed.Entry entry = Observed.entry(volume, path, node.type);
        if (node.isFile()) {
            requireSame(new Op.Stat(path), 0, Model.contents(node), entry.contents());
        }
    }

    /** Compares everything with the model: the volume was not crashed since. */
    Observed compareAll() throws IOException {
        Observed found = Observed.of(volume);
        Supplier<String> problem = Oracle.difference(model.now(), model.now(), found);
        require(problem == null, () -> "without a crash: " + problem.get());
        for (var path : model.now().paths().entrySet()) {
            if (path.getValue().isFile()) {
                requireSame(new Op.Stat(path.getKey()), 0, Model.contents(path.getValue()),
                        found.entries().get(path.getKey()).contents());
            }
        }
        found.requireNoSharedBlocks();
        return found;
    }

    /** Lets go of all mappings and handles. */
    @Override
    public void close() {
        for (int id : mappings.keySet().toArray(Integer[]::new)) {
            unmap(id);
        }
    }
}
