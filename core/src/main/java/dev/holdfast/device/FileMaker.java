package dev.holdfast.device;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.HostStatus;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * Gives an empty file its size, its space and its zeroes.
 *
 * <p>Durability: when it returns, size and zeroes are durable as far as the host keeps anything. On
 * disks the zeroes are written, because a bare {@code fallocate} leaves extents that the host must
 * convert, with a commit of its journal, at the first write-back of each.
 *
 * <p>They are written by single blocks: the page cache of recent kernels keeps the bytes of one
 * write as one folio, and a store through a mapping makes the whole folio dirty, so that after
 * writes of 1 MiB each persist of a line would write 1 MiB to the disk.
 */
final class FileMaker {
    private static final int PROGRESS_BYTES = 1 << 20;

    private final int fd;
    private final Path path;
    private final long sizeBytes;
    private final HostStatus status;

    FileMaker(int fd, Path path, long sizeBytes, HostStatus status) {
        this.fd = fd;
        this.path = path;
        this.sizeBytes = sizeBytes;
        this.status = status;
    }

    void make(boolean sparse, LongConsumer progress) throws IOException {
        Host host = Host.of(status);
        if (host == Host.HUGETLBFS && sizeBytes % status.blockBytes() != 0) {
            throw new HoldfastException(ErrorCode.INVALID, path + ": size " + sizeBytes
                    + " is not a multiple of the huge page, " + status.blockBytes() + " bytes");
        }
        try {
            Linux.ftruncate(fd, sizeBytes);
            if (!sparse) {
                takeSpace(host, progress);
            }
            Linux.fsync(fd);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOSPC) {
                throw noSpace(Linux.fstatfs(fd).availableBytes(), e);
            }
            if (e.errno() == Errno.EFBIG) {
                throw new HoldfastException(ErrorCode.TOO_LARGE, path + " cannot have " + sizeBytes
                        + " bytes: files of its file system cannot be that large", e);
            }
            throw DeviceErrors.translate("making " + path, e);
        }
    }

    private void takeSpace(Host host, LongConsumer progress) throws IOException {
        if (host == Host.DISK_FILE) {
            if (status.availableBytes() < sizeBytes) {
                throw noSpace(status.availableBytes(), null);
            }
            writeZeroes(progress);
            return;
        }
        if (status.magic() != Host.MAGIC_RAMFS) {
            Linux.fallocate(fd, 0, 0, sizeBytes);
        }
        progress.accept(sizeBytes);
    }

    private void writeZeroes(LongConsumer progress) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeroes =
                    arena.allocate(DaxDevice.BLOCK_BYTES, DaxDevice.BLOCK_BYTES);
            long at = 0;
            while (at < sizeBytes) {
                // After a short write, up to the next boundary again.
                long length = Math.min(DaxDevice.BLOCK_BYTES - at % DaxDevice.BLOCK_BYTES,
                        sizeBytes - at);
                at += Linux.pwrite(fd, zeroes.asSlice(0, length), at);
                if (at % PROGRESS_BYTES == 0 || at == sizeBytes) {
                    progress.accept(at);
                }
            }
        }
    }

    private HoldfastException noSpace(long availableBytes, Throwable cause) {
        return new HoldfastException(ErrorCode.NO_SPACE, path + " needs " + sizeBytes + " bytes: "
                + Math.max(1, sizeBytes - availableBytes) + " are missing on its file system",
                cause);
    }
}
