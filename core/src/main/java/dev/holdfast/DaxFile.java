package dev.holdfast;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.FileExtent;
import dev.holdfast.file.FileStat;
import dev.holdfast.fs.ChangeGate;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An open regular file. It stays readable and writable after its last name is gone, until closed.
 *
 * <p>Offsets and lengths are in bytes. Thread-safe: a read sees each concurrent write of one call
 * whole or not at all. Methods throw {@link HoldfastException} with a code, and
 * {@link IllegalStateException} after {@link #close} or the volume's.
 */
public final class DaxFile implements AutoCloseable {
    private final FileSystem fs;
    private final String path;
    private final Inode inode;
    private final AtomicBoolean closed = new AtomicBoolean();

    DaxFile(FileSystem fs, String path, Inode inode) throws IOException {
        this.fs = fs;
        this.path = path;
        this.inode = inode;
        fs.files().open(inode, path);
    }

    /** Returns the path under which the file was opened. */
    public String path() {
        return path;
    }

    /** Returns the size in bytes. */
    public long size() {
        return inode().sizeBytes();
    }

    /** Returns the attributes. */
    public FileStat stat() {
        return fs.attributes().stat(inode());
    }

    /**
     * Reads into what remains of {@code target}.
     *
     * @return the bytes read: fewer than remained at the end of the file, 0 past it
     */
    public int read(ByteBuffer target, long offset) throws IOException {
        int read = (int) fs.files().read(inode(), offset, MemorySegment.ofBuffer(target));
        target.position(target.position() + read);
        return read;
    }

    /** Reads into {@code target}; returns the bytes read, as {@link #read(ByteBuffer, long)}. */
    public long read(MemorySegment target, long offset) throws IOException {
        return fs.files().read(inode(), offset, target);
    }

    /**
     * Writes what remains of {@code source}. Not durable when this returns, but under
     * {@link CommitPolicy#ALWAYS}; an fsync makes it so.
     *
     * @return the bytes written: fewer than remained when space ran out after a part
     */
    public int write(ByteBuffer source, long offset) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            int written = (int) fs.files().write(inode(), offset, MemorySegment.ofBuffer(source));
            source.position(source.position() + written);
            return written;
        }
    }

    /** Writes {@code source}; returns the bytes written, as {@link #write(ByteBuffer, long)}. */
    public long write(MemorySegment source, long offset) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            return fs.files().write(inode(), offset, source);
        }
    }

    /**
     * Writes all that remains of {@code source} at the end of the file, or nothing.
     *
     * @return the offset at which it begins
     */
    public long append(ByteBuffer source) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            long at = fs.files().append(inode(), MemorySegment.ofBuffer(source));
            source.position(source.limit());
            return at;
        }
    }

    /**
     * Sets the size; what a larger size adds is a hole. BUSY when a segment shows what would go.
     */
    public void truncate(long sizeBytes) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.truncation().setSize(inode(), sizeBytes);
        }
    }

    /** Gives a range blocks; NO_SPACE, with nothing changed, when there are not enough. */
    public void allocate(AllocateMode mode, long offset, long length) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.files().allocate(inode(), offset, length, mode);
        }
    }

    /** Makes a range a hole: it reads as zero and whole blocks of it are free. The size stays. */
    public void punchHole(long offset, long length) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.truncation().punch(inode(), offset, length);
        }
    }

    /** Makes a range read as zero, durably, and gives it blocks; the file grows to hold it. */
    public void zeroRange(long offset, long length) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.truncation().zeroRange(inode(), offset, length, false);
        }
    }

    /** Returns the first offset at or after {@code offset} with data; NO_DATA if there is none. */
    public long seekData(long offset) throws IOException {
        return fs.files().seek(inode(), offset, true);
    }

    /**
     * Returns the first offset at or after {@code offset} in a hole, the end of the file counting.
     */
    public long seekHole(long offset) throws IOException {
        return fs.files().seek(inode(), offset, false);
    }

    /** Returns the extents, in order. */
    public List<FileExtent> extents() {
        return fs.files().extents(inode());
    }

    /** Makes data, and the metadata that finding it needs, durable: not times, owner and mode. */
    public void fdatasync() throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.files().fdatasync(inode());
        }
    }

    /** Makes data and all metadata of the file durable, its name included. */
    public void fsync() throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.files().fsync(inode());
        }
    }

    /**
     * Maps a range of the file, with huge pages where the range allows. The mapping may reach past
     * the end of the file; what lies there can be accessed once the file has grown.
     *
     * @throws HoldfastException NO_SPACE when the volume cannot fill the holes of a writable
     *     mapping; NOT_SUPPORTED when the medium cannot honour {@code mode}
     */
    public Mapping map(MapMode mode, long offset, long length) throws IOException {
        return map(mode, offset, length, true);
    }

    /** Maps a range; {@code hugePages} says whether 2 MiB entries may be used. */
    public Mapping map(MapMode mode, long offset, long length, boolean hugePages)
            throws IOException {
        try (ChangeGate _ = fs.changing()) {
            return new Mapping(fs.mappings().map(inode(), offset, length, mode.flags(),
                    mode.isWritable(), hugePages), fs, mode, path, offset, length);
        }
    }

    /** Returns the LSN at which everything that finding this file's data needs is durable. */
    public long dataLsn() {
        return inode().dataLsn();
    }

    private Inode inode() {
        if (closed.get() || fs.isClosed()) {
            throw new IllegalStateException(path + " is closed");
        }
        return inode;
    }

    /** Lets go of the file. Idempotent; says nothing about durability. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true) && !fs.isClosed()) {
            fs.release(inode);
        }
    }

    @Override
    public String toString() {
        return "DaxFile[" + path + "]";
    }
}
