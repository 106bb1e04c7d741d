package dev.holdfast.device;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.FileStatus;
import dev.holdfast.ffm.HostStatus;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * A device on a file: tmpfs, hugetlbfs, a disk file, a DAX file, or a device-dax node.
 *
 * <ol>
 *   <li>{@link #create} makes the file, or {@link #open} opens it. Either locks it: exclusively, or
 *       shared when for reading only. The lock belongs to the open file, not to the process, so
 *       that a second opener in this process is refused as any other.
 *   <li>{@link #medium()} tells how stores become durable, found out once.
 *   <li>{@link #close} unmaps and unlocks. Windows that are still open keep their pages, and the
 *       lock.
 * </ol>
 *
 * <p>On a device opened for reading only, stores throw {@link IllegalArgumentException} and
 * persists {@link HoldfastException} with code READ_ONLY.
 */
public final class FileDevice extends MappedDevice {
    private static final int MODE_OWNER = 0600;

    private final boolean created;

    private FileDevice(String name, DeviceMemory mapping, Medium medium, boolean created) {
        super(name, mapping, medium, MediumRules.unitBytes(medium, Linux.pageBytes()));
        this.created = created;
    }

    /**
     * Opens a device file with the write-back of {@link WriteBackChoice#fromProperty}.
     *
     * @throws HoldfastException BUSY, naming the holder, when it is open elsewhere; NOT_FOUND;
     *     ACCESS_DENIED; INVALID for a file that cannot be a volume; NOT_SUPPORTED off Linux, or
     *     where the medium's durability cannot be had
     */
    public static FileDevice open(Path path, boolean readOnly) throws IOException {
        return open(path, readOnly, WriteBackChoice.fromProperty());
    }

    /** Opens a device file as {@link #open(Path, boolean)} does, with a choice of write-back. */
    public static FileDevice open(Path path, boolean readOnly, WriteBackChoice writeBack)
            throws IOException {
        int fd = openFile(path, readOnly ? Linux.O_RDONLY : Linux.O_RDWR);
        try {
            FileStatus status = Linux.fstat(fd);
            lock(fd, path, status, !readOnly);
            long sizeBytes = status.isCharacterDevice() ? DaxNode.sizeBytes(path, status)
                    : checkFile(path, status).sizeBytes();
            if (sizeBytes <= 0 || sizeBytes % BLOCK_BYTES != 0) {
                throw new HoldfastException(ErrorCode.INVALID, path
                        + " cannot be a volume: its size, " + sizeBytes
                        + ", is not a positive multiple of " + BLOCK_BYTES);
            }
            return map(fd, path, status, sizeBytes, readOnly, writeBack, false);
        } catch (ErrnoException e) {
            Linux.close(fd);
            throw DeviceErrors.translate("opening " + path, e);
        } catch (IOException | RuntimeException | Error e) {
            Linux.close(fd);
            throw e;
        }
    }

    /**
     * Creates a file of zeroes and opens it; refuses a file that exists.
     *
     * @param sizeBytes a positive multiple of {@link #BLOCK_BYTES}
     * @param sparse see {@link CreateOptions#sparse}
     * @param progress told how many bytes are zeroed so far
     */
    public static FileDevice create(
            Path path, long sizeBytes, boolean sparse, LongConsumer progress) throws IOException {
        return create(path, sizeBytes,
                CreateOptions.defaults().withSparse(sparse).withProgress(progress));
    }

    /**
     * Creates a file of zeroes and opens it. A file half made when this fails is removed.
     *
     * @param sizeBytes a positive multiple of {@link #BLOCK_BYTES}
     * @throws HoldfastException EXISTS; NO_SPACE, saying how much is missing; and what
     *     {@link #open(Path, boolean)} throws
     */
    public static FileDevice create(Path path, long sizeBytes, CreateOptions options)
            throws IOException {
        checkSize(sizeBytes);
        int flags = Linux.O_RDWR | Linux.O_CREAT | (options.overwrite() ? 0 : Linux.O_EXCL);
        int fd = openFile(path, flags);
        boolean ours = !options.overwrite();
        try {
            FileStatus status = Linux.fstat(fd);
            lock(fd, path, status, true);
            checkFile(path, status);
            ours = true;
            Linux.ftruncate(fd, 0);
            new FileMaker(fd, path, sizeBytes, Linux.fstatfs(fd))
                    .make(options.sparse(), options.progress());
            syncDirectory(path);
            return map(fd, path, status, sizeBytes, false, options.writeBack(), true);
        } catch (ErrnoException e) {
            discard(fd, path, ours);
            throw DeviceErrors.translate("making " + path, e);
        } catch (IOException | RuntimeException | Error e) {
            discard(fd, path, ours);
            throw e;
        }
    }

    /** Removes a half-made file, still locked, once it is certain that it is nobody else's. */
    private static void discard(int fd, Path path, boolean ours) throws IOException {
        try {
            if (ours) {
                Files.deleteIfExists(path);
            }
        } finally {
            Linux.close(fd);
        }
    }

    private static int openFile(Path path, int flags) throws HoldfastException {
        if (!Linux.isAvailable()) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED,
                    "volume files need Linux on x86-64 or aarch64; memory devices work here");
        }
        try {
            return Linux.open(path.toString(), flags, MODE_OWNER);
        } catch (ErrnoException e) {
            throw DeviceErrors.translate(path.toString(), e);
        }
    }

    private static void lock(int fd, Path path, FileStatus status, boolean exclusive)
            throws IOException {
        if (!Linux.tryLock(fd, exclusive)) {
            throw new HoldfastException(ErrorCode.BUSY, path + " is in use by "
                    + LockHolder.describe(status, fd) + "; close it there first");
        }
    }

    private static FileStatus checkFile(Path path, FileStatus status) throws HoldfastException {
        if (!status.isRegular()) {
            throw new HoldfastException(ErrorCode.INVALID,
                    path + " is neither a regular file nor a device-dax node");
        }
        return status;
    }

    /** Makes the new file's name durable. */
    private static void syncDirectory(Path path) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        int fd = Linux.open(directory.toString(), Linux.O_RDONLY, 0);
        try {
            Linux.fsync(fd);
        } catch (ErrnoException e) {
            // Some hosts have no directories to sync; every other failure counts.
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
        } finally {
            Linux.close(fd);
        }
    }

    private static FileDevice map(
            int fd, Path path, FileStatus status, long sizeBytes, boolean readOnly,
            WriteBackChoice choice, boolean created) throws IOException {
        HostStatus hostStatus = Linux.fstatfs(fd);
        Host host = status.isCharacterDevice() ? Host.DAX_DEVICE : Host.of(hostStatus);
        DeviceMemory mapping = null;
        if (host == Host.DISK_FILE) {
            mapping = mapSynchronously(fd, sizeBytes, readOnly);
            host = mapping == null ? Host.DISK_FILE : Host.DAX_FILE;
        }
        long unitBytes = switch (host) {
            case HUGETLBFS -> hostStatus.blockBytes();
            case DAX_DEVICE -> DaxNode.alignmentBytes(status);
            default -> Linux.pageBytes();
        };
        boolean complete = false;
        try {
            String caveat = host == Host.DISK_FILE ? Host.caveat(hostStatus) : "";
            Medium medium = MediumRules.decide(
                    host, choice, CacheLines.isAvailable(), unitBytes, caveat);
            if (mapping == null) {
                mapping = DeviceMemory.map(fd, sizeBytes, Linux.MAP_SHARED, readOnly);
            }
            FileDevice device = new FileDevice(path.toString(), mapping, medium, created);
            complete = true;
            return device;
        } finally {
            if (!complete && mapping != null) {
                mapping.unmap();
            }
        }
    }

    /**
     * Maps a file with {@code MAP_SYNC}, or returns null where the host has no such mapping (V1).
     */
    private static DeviceMemory mapSynchronously(int fd, long sizeBytes, boolean readOnly)
            throws ErrnoException {
        try {
            return DeviceMemory.map(
                    fd, sizeBytes, Linux.MAP_SHARED_VALIDATE | Linux.MAP_SYNC, readOnly);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.EINVAL) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Has the range in the page cache as single pages. What is there may be folios of up to 2 MiB,
     * left by whoever copied the file or read it in order, and a persist writes whole folios. So
     * they go, where nobody else uses them, and come again one by one.
     */
    @Override
    public void expectSmallPersists(long offset, long length) {
        if (medium().granularity() != Medium.Granularity.PAGE || mapping().isReadOnly()) {
            return;
        }
        MemorySegment range = memory().asSlice(offset, length);
        gate().enter();
        try {
            // Takes the pages out of this mapping; a shared mapping loses nothing by it.
            advise(range, Linux.MADV_DONTNEED);
            Linux.dropCleanPages(mapping().fd(), offset, length);
            adviseSmallPages(range);
            advise(range, Linux.MADV_WILLNEED);
        } finally {
            gate().exit();
        }
    }

    @Override
    public boolean isKnownZeroWhenNew() {
        return created;
    }
}
