package dev.holdfast.cli.run;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.cli.io.IoOp;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.RenameMode;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * Executes operations on a stage, one after the other. One thread.
 *
 * <ol>
 *   <li>Made on a stage, which stays the caller's to close, after this.
 *   <li>{@link #run} any number of operations; one that fails leaves this usable.
 *   <li>{@link #close} ends the mappings the script has made.
 * </ol>
 *
 * <p>Durability: as the operation says, and no more. Nothing is synced behind the script's back.
 */
public final class IoRunner implements AutoCloseable {
    /** Larger writes and reads are made in steps of this. */
    private static final long STEP_BYTES = 16 << 20;

    private final IoStage stage;
    private final MapTable maps = new MapTable();

    /** Makes a runner on {@code stage}. */
    public IoRunner(IoStage stage) {
        this.stage = stage;
    }

    /**
     * Executes one operation.
     *
     * @throws HoldfastException what the volume throws; INVALID when an operation needs a mapping
     *     that the script has not made; NOT_SUPPORTED for a crash where there is none
     */
    public IoResult run(IoOp op) throws IOException {
        Volume volume = stage.volume();
        return switch (op) {
            case IoOp.PWrite write -> write(volume, write);
            case IoOp.PRead read -> read(volume, read);
            case IoOp.MRead read -> load(volume, read);
            case IoOp.Seek seek -> seek(volume, seek);
            case IoOp.FieMap map -> withFile(volume, map.path(), file ->
                    new IoResult.Extents(file.size(), file.extents()));
            case IoOp.Stat stat -> new IoResult.Attributes(volume.statLink(stat.path()));
            case IoOp.Crash(OptionalLong seed) -> crash(seed);
            default -> {
                change(volume, op);
                yield new IoResult.Done();
            }
        };
    }

    /** Executes an operation that finds nothing out. */
    private void change(Volume volume, IoOp op) throws IOException {
        switch (op) {
            case IoOp.Creat(String path) -> volume.createFile(path).close();
            case IoOp.Mkdir(String path) -> volume.createDirectory(path);
            case IoOp.Link(String existing, String path) -> volume.link(existing, path);
            case IoOp.Symlink(String target, String path) ->
                    volume.createSymbolicLink(path, target);
            case IoOp.Rename(String from, String to, IoOp.RenameMode mode) ->
                    volume.rename(from, to, mode(mode));
            case IoOp.Unlink(String path) -> volume.unlink(path);
            case IoOp.Rmdir(String path) -> volume.removeDirectory(path);
            case IoOp.SetFAttr(String path, String name, String value) -> volume.setXattr(path,
                    name, value.getBytes(StandardCharsets.UTF_8), XattrMode.CREATE_OR_REPLACE);
            case IoOp.RmFAttr(String path, String name) -> volume.removeXattr(path, name);
            case IoOp.MMap map -> maps.map(volume, map);
            case IoOp.MWrite write -> store(volume, write);
            case IoOp.Persist persist -> persist(volume, persist);
            case IoOp.MSync(String path) -> maps.of(volume, path).mapping().sync();
            case IoOp.FSync(String path) -> volume.fsync(path);
            case IoOp.Sync() -> volume.sync();
            case IoOp.Checkpoint() -> volume.checkpoint();
            default -> changeFile(volume, op);
        }
    }

    /** Executes an operation on the content or the space of one file. */
    private static void changeFile(Volume volume, IoOp op) throws IOException {
        switch (op) {
            case IoOp.FDataSync(String path) -> onFile(volume, path, DaxFile::fdatasync);
            case IoOp.Truncate(String path, long length) ->
                    onFile(volume, path, file -> file.truncate(length));
            case IoOp.FAlloc(String path, long offset, long length, IoOp.AllocateMode mode) ->
                    onFile(volume, path, file -> file.allocate(mode(mode), offset, length));
            case IoOp.FPunch(String path, long offset, long length) ->
                    onFile(volume, path, file -> file.punchHole(offset, length));
            case IoOp.FZero(String path, long offset, long length) ->
                    onFile(volume, path, file -> file.zeroRange(offset, length));
            default -> throw new AssertionError(op);
        }
    }

    private interface FileStep {
        void run(DaxFile file) throws IOException;
    }

    private interface FileQuestion {
        IoResult ask(DaxFile file) throws IOException;
    }

    private static void onFile(Volume volume, String path, FileStep step) throws IOException {
        try (DaxFile file = volume.openFile(path)) {
            step.run(file);
        }
    }

    private static IoResult withFile(Volume volume, String path, FileQuestion question)
            throws IOException {
        try (DaxFile file = volume.openFile(path)) {
            return question.ask(file);
        }
    }

    private static RenameMode mode(IoOp.RenameMode mode) {
        return switch (mode) {
            case REPLACE -> RenameMode.REPLACE;
            case NO_REPLACE -> RenameMode.NO_REPLACE;
            case EXCHANGE -> RenameMode.EXCHANGE;
        };
    }

    private static AllocateMode mode(IoOp.AllocateMode mode) {
        return switch (mode) {
            case EXTEND -> AllocateMode.UNWRITTEN;
            case KEEP_SIZE -> AllocateMode.UNWRITTEN_KEEP_SIZE;
            case WRITE_ZEROES -> AllocateMode.WRITTEN;
        };
    }

    private static IoResult write(Volume volume, IoOp.PWrite op) throws IOException {
        try (DaxFile file = volume.openFile(op.path()); Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.clamp(op.length(), 1, STEP_BYTES));
            bytes.fill((byte) op.fill());
            long done = 0;
            while (done < op.length()) {
                long length = Math.min(STEP_BYTES, op.length() - done);
                done += file.write(bytes.asSlice(0, length), op.offset() + done);
            }
            return new IoResult.Wrote(op.offset(), op.length());
        }
    }

    private static IoResult read(Volume volume, IoOp.PRead op) throws IOException {
        try (DaxFile file = volume.openFile(op.path()); Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.clamp(op.length(), 1, STEP_BYTES));
            Content.Builder content = new Content.Builder(op.offset());
            long done = 0;
            while (done < op.length()) {
                long length = Math.min(STEP_BYTES, op.length() - done);
                long read = file.read(bytes.asSlice(0, length), op.offset() + done);
                content.add(bytes.asSlice(0, read));
                done += read;
                if (read < length) {
                    break;
                }
            }
            return new IoResult.Read(op.offset(), op.length(), content.build());
        }
    }

    private void store(Volume volume, IoOp.MWrite op) throws IOException {
        MapTable.Mapped mapped = maps.of(volume, op.path());
        long place = mapped.place(op.path(), op.offset(), op.length());
        for (long done = 0; done < op.length(); done += STEP_BYTES) {
            try (Arena arena = Arena.ofConfined()) {
                mapped.mapping().writable(place + done,
                        Math.min(STEP_BYTES, op.length() - done), arena).fill((byte) op.fill());
            }
        }
    }

    private IoResult load(Volume volume, IoOp.MRead op) throws IOException {
        MapTable.Mapped mapped = maps.of(volume, op.path());
        long place = mapped.place(op.path(), op.offset(), op.length());
        Content.Builder content = new Content.Builder(op.offset());
        for (long done = 0; done < op.length(); done += STEP_BYTES) {
            try (Arena arena = Arena.ofConfined()) {
                content.add(mapped.mapping().readable(place + done,
                        Math.min(STEP_BYTES, op.length() - done), arena));
            }
        }
        return new IoResult.Read(op.offset(), op.length(), content.build());
    }

    private void persist(Volume volume, IoOp.Persist op) throws IOException {
        MapTable.Mapped mapped = maps.of(volume, op.path());
        long place = mapped.place(op.path(), op.offset(), op.length());
        if (op.length() > 0) {
            mapped.mapping().persist(place, op.length());
        }
    }

    private static IoResult seek(Volume volume, IoOp.Seek op) throws IOException {
        try (DaxFile file = volume.openFile(op.path())) {
            return new IoResult.Found(OptionalLong.of(op.kind() == IoOp.SeekKind.DATA
                    ? file.seekData(op.offset()) : file.seekHole(op.offset())));
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NO_DATA) {
                return new IoResult.Found(OptionalLong.empty());
            }
            throw e;
        }
    }

    private IoResult crash(OptionalLong seed) throws IOException {
        stage.crash(seed);
        maps.forget();
        return new IoResult.Recovered(seed);
    }

    @Override
    public void close() {
        maps.close();
    }
}
