package dev.holdfast.nio;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.util.Objects;

/**
 * A channel to a regular file, or to a directory, which can be forced and no more.
 *
 * <p>Closing, by whatever thread or interrupt, ends this channel alone; an operation that is under
 * way is completed or not begun, and the volume is as it would be after either.
 *
 * <p>Lock rule: operations that use the channel's position exclude each other by
 * {@link #positionLock}; positional ones take no lock of the channel.
 */
final class HoldfastFileChannel extends FileChannel {
    /** Up to here a copy is shorter than the preparations for an interrupt are worth. */
    private static final int AT_ONCE_BYTES = 64 << 10;

    private final HoldfastFileSystem fileSystem;
    private final HoldfastPath path;
    private final OpenFile file;
    private final FileSystem core;
    private final Inode inode;
    private final OpenFlags flags;
    private final Object positionLock = new Object();
    private long position;

    HoldfastFileChannel(HoldfastFileSystem fileSystem, HoldfastPath path, OpenFile file,
            OpenFlags flags) {
        this.fileSystem = fileSystem;
        this.path = path;
        this.file = file;
        this.core = file.core();
        this.inode = file.inode();
        this.flags = flags;
    }

    long inodeNumber() {
        return inode.number();
    }

    // ---- checks, and what is around every operation

    private void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private void requireReadable() throws ClosedChannelException {
        requireOpen();
        if (!flags.read()) {
            throw new NonReadableChannelException();
        }
    }

    private void requireWritable() throws ClosedChannelException {
        requireOpen();
        if (!flags.write()) {
            throw new NonWritableChannelException();
        }
    }

    private static void requireNotNegative(long value, String what) {
        if (value < 0) {
            throw new IllegalArgumentException("Negative " + what);
        }
    }

    /** An operation on the file that returns a number. */
    private interface Operation {
        long run() throws IOException;
    }

    /** Runs an operation that an interrupt or a close of the channel may meet. */
    private long run(Operation operation) throws IOException {
        boolean completed = false;
        begin();
        try {
            if (!file.enter()) {
                throw new ClosedChannelException();
            }
            try {
                long result = operation.run();
                completed = true;
                return result;
            } finally {
                file.leave();
            }
        } catch (HoldfastException e) {
            throw Errors.translate(e, path, null);
        } finally {
            // Throws instead, if this thread was interrupted or the channel closed meanwhile.
            end(completed);
        }
    }

    // ---- reading

    @Override
    public int read(ByteBuffer target) throws IOException {
        requireReadable();
        requireTarget(target);
        synchronized (positionLock) {
            int read = (int) readAt(target, position);
            position += Math.max(read, 0);
            return read;
        }
    }

    @Override
    public int read(ByteBuffer target, long at) throws IOException {
        Objects.requireNonNull(target);
        requireNotNegative(at, "position");
        requireReadable();
        requireTarget(target);
        return (int) readAt(target, at);
    }

    private static void requireTarget(ByteBuffer target) {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("Read-only buffer");
        }
    }

    private long readAt(ByteBuffer target, long at) throws IOException {
        if (target.remaining() <= AT_ONCE_BYTES && !Thread.currentThread().isInterrupted()) {
            return readAtOnce(target, at);
        }
        return run(() -> copyTo(target, at));
    }

    /**
     * Reads a little, which takes less than being ready for an interrupt does. One that comes
     * meanwhile meets the thread's next operation.
     */
    private long readAtOnce(ByteBuffer target, long at) throws IOException {
        if (!file.enter()) {
            throw new ClosedChannelException();
        }
        try {
            return copyTo(target, at);
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                return run(() -> copyTo(target, at));
            }
            throw Errors.translate(e, path, null);
        } finally {
            file.leave();
        }
    }

    private long copyTo(ByteBuffer target, long at) throws IOException {
        if (!target.hasRemaining()) {
            return 0;
        }
        int read = (int) core.files().read(inode, at, MemorySegment.ofBuffer(target));
        target.position(target.position() + read);
        return read == 0 ? -1 : read;
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        requireReadable();
        for (int i = offset; i < offset + length; i++) {
            requireTarget(targets[i]);
        }
        synchronized (positionLock) {
            long total = 0;
            for (int i = offset; i < offset + length; i++) {
                long read = targets[i].hasRemaining() ? readAt(targets[i], position) : 0;
                if (read < 0) {
                    return total == 0 ? -1 : total;
                }
                position += read;
                total += read;
            }
            return total;
        }
    }

    // ---- writing

    @Override
    public int write(ByteBuffer source) throws IOException {
        requireWritable();
        Objects.requireNonNull(source);
        synchronized (positionLock) {
            return (int) writeHere(MemorySegment.ofBuffer(source), source);
        }
    }

    @Override
    public int write(ByteBuffer source, long at) throws IOException {
        Objects.requireNonNull(source);
        requireNotNegative(at, "position");
        requireWritable();
        return (int) run(() -> {
            long written = store(MemorySegment.ofBuffer(source), flags.append() ? -1 : at);
            source.position(source.position() + (int) written);
            return written;
        });
    }

    /** Writes at the channel's position, or at the end; {@code source} is moved on if not null. */
    private long writeHere(MemorySegment bytes, ByteBuffer source) throws IOException {
        return run(() -> {
            long written = store(bytes, flags.append() ? -1 : position);
            position = flags.append() ? inode.sizeBytes() : position + written;
            if (source != null) {
                source.position(source.position() + (int) written);
            }
            return written;
        });
    }

    /** Writes at an offset, or with -1 at the end, and as durably as the channel was opened. */
    private long store(MemorySegment bytes, long at) throws IOException {
        long written = bytes.byteSize();
        if (at >= 0) {
            written = core.files().write(inode, at, bytes);
        } else if (written > 0) {
            core.files().append(inode, bytes);
        }
        switch (flags.sync()) {
            case NONE -> { }
            case DATA -> core.files().fdatasync(inode);
            case ALL -> core.files().fsync(inode);
        }
        return written;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        requireWritable();
        for (int i = offset; i < offset + length; i++) {
            Objects.requireNonNull(sources[i]);
        }
        synchronized (positionLock) {
            return flags.append() ? gather(sources, offset, length)
                    : writeInTurn(sources, offset, length);
        }
    }

    private long writeInTurn(ByteBuffer[] sources, int offset, int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            if (sources[i].hasRemaining()) {
                total += writeHere(MemorySegment.ofBuffer(sources[i]), sources[i]);
                if (sources[i].hasRemaining()) {
                    return total;
                }
            }
        }
        return total;
    }

    /** Appends several buffers as one, so that no other writer comes between them. */
    private long gather(ByteBuffer[] sources, int offset, int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            total += sources[i].remaining();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(total);
            long at = 0;
            for (int i = offset; i < offset + length; i++) {
                MemorySegment part = MemorySegment.ofBuffer(sources[i]);
                MemorySegment.copy(part, 0, all, at, part.byteSize());
                at += part.byteSize();
            }
            writeHere(all, null);
        }
        for (int i = offset; i < offset + length; i++) {
            sources[i].position(sources[i].limit());
        }
        return total;
    }

    // ---- transfers

    @Override
    public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
        requireOpen();
        if (!target.isOpen()) {
            throw new ClosedChannelException();
        }
        requireReadable();
        if (target instanceof HoldfastFileChannel other) {
            other.requireWritable();
        }
        requireNotNegative(from, "position");
        requireNotNegative(count, "count");
        if (inode.type() == FileType.DIRECTORY && count > 0) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
        return Transfers.to(this, from, from + Math.min(count, Math.max(0, size() - from)), target);
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long to, long count) throws IOException {
        requireOpen();
        if (!source.isOpen()) {
            throw new ClosedChannelException();
        }
        if (source instanceof HoldfastFileChannel other) {
            other.requireReadable();
        }
        requireWritable();
        requireNotNegative(to, "position");
        requireNotNegative(count, "count");
        return Transfers.from(this, source, to, count);
    }

    // ---- position, size, durability

    /** An interrupt closes the channel in calls that have nothing to wait for, too. */
    private void requireUninterrupted() throws IOException {
        requireOpen();
        if (Thread.currentThread().isInterrupted()) {
            run(() -> 0);
        }
    }

    @Override
    public long position() throws IOException {
        requireUninterrupted();
        synchronized (positionLock) {
            return flags.append() ? size() : position;
        }
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
        requireOpen();
        requireNotNegative(newPosition, "position");
        requireUninterrupted();
        synchronized (positionLock) {
            position = newPosition;
        }
        return this;
    }

    @Override
    public long size() throws IOException {
        requireUninterrupted();
        return inode.sizeBytes();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        requireOpen();
        requireNotNegative(size, "size");
        requireWritable();
        synchronized (positionLock) {
            run(() -> {
                if (size < inode.sizeBytes()) {
                    core.truncation().setSize(inode, size);
                }
                return 0;
            });
            position = Math.min(position, size);
        }
        return this;
    }

    /** Forces a file, or the names of a directory. */
    @Override
    public void force(boolean metaData) throws IOException {
        requireOpen();
        run(() -> {
            if (metaData) {
                core.files().fsync(inode);
            } else {
                core.files().fdatasync(inode);
            }
            return 0;
        });
    }

    // ---- mapping

    @Override
    public MappedByteBuffer map(MapMode mode, long at, long size) throws IOException {
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("Size exceeds Integer.MAX_VALUE");
        }
        // Unmapped some time after the last buffer that shows it is unreachable.
        return (MappedByteBuffer) map(mode, at, size, Arena.ofAuto(), true).asByteBuffer();
    }

    @Override
    public MemorySegment map(MapMode mode, long at, long size, Arena arena) throws IOException {
        return map(mode, at, size, arena, false);
    }

    private MemorySegment map(MapMode mode, long at, long size, Arena arena, boolean collected)
            throws IOException {
        Objects.requireNonNull(arena, "arena");
        requireOpen();
        MapMode plain = MapModes.plain(mode);
        requireNotNegative(at, "position");
        requireNotNegative(size, "size");
        if (at + size < 0) {
            throw new IllegalArgumentException("Position + size overflow");
        }
        if (plain != MapMode.READ_ONLY && !flags.write()) {
            throw new NonWritableChannelException();
        }
        if (!flags.read()) {
            throw new NonReadableChannelException();
        }
        MemorySegment[] result = new MemorySegment[1];
        run(() -> {
            if (plain != MapMode.READ_WRITE) {
                growTo(at + size);
            }
            result[0] = size == 0 ? ScratchFile.map(plain, 0, 0, arena)
                    : MappedMemory.map(core, inode, mode, at, size, arena, collected);
            return 0;
        });
        return result[0];
    }

    /** A file that is too short grows, as with the default provider, if the channel may. */
    private void growTo(long end) throws IOException {
        if (end <= inode.sizeBytes()) {
            return;
        }
        if (!flags.write()) {
            throw new IOException(
                    "Channel not open for writing - cannot extend file to required size");
        }
        core.truncation().grow(inode, end);
    }

    // ---- locks

    @Override
    public FileLock lock(long from, long size, boolean shared) throws IOException {
        try {
            requireUninterrupted();
        } catch (ClosedByInterruptException e) {
            throw new FileLockInterruptionException();
        }
        return tryLock(from, size, shared);
    }

    /** Never waits: one process owns a volume, and an overlap within it is an exception. */
    @Override
    public FileLock tryLock(long from, long size, boolean shared) throws IOException {
        requireOpen();
        if (shared && !flags.read()) {
            throw new NonReadableChannelException();
        }
        if (!shared && !flags.write()) {
            throw new NonWritableChannelException();
        }
        LockTable.Lock lock = fileSystem.locks().lock(this, inode.number(), from, size, shared);
        if (!isOpen()) {
            fileSystem.locks().releaseAll(inode.number(), this);
            throw new ClosedChannelException();
        }
        return lock;
    }

    @Override
    protected void implCloseChannel() {
        fileSystem.locks().releaseAll(inode.number(), this);
        fileSystem.closed(this);
        file.close();
    }
}
