package dev.holdfast.nio;

import dev.holdfast.Volume;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.MappedByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.ProviderMismatchException;
import java.nio.file.spi.FileSystemProvider;

/**
 * What the interfaces of {@code java.nio.file} have no words for: persisting mapped memory, and
 * volumes that are open already.
 *
 * {@snippet :
 * MemorySegment log = channel.map(ExtendedMapMode.READ_WRITE_SYNC, 0, size, arena);
 * MemorySegment.copy(record, 0, log, end, record.byteSize());
 * Holdfast.persist(log, end, record.byteSize()); // durable: extents, size and name were so before
 * }
 */
public final class Holdfast {
    private Holdfast() {}

    /** Finds the provider that the service loader made. */
    private static final class Installed {
        private static final HoldfastFileSystemProvider PROVIDER =
                FileSystemProvider.installedProviders().stream()
                        .filter(HoldfastFileSystemProvider.class::isInstance)
                        .map(HoldfastFileSystemProvider.class::cast)
                        .findFirst().orElseGet(HoldfastFileSystemProvider::new);
    }

    /**
     * Returns a file system that shows an open volume, of a file or of any other device. Closing it
     * closes what was opened through it, and leaves the volume open.
     */
    public static FileSystem newFileSystem(Volume volume) {
        return Installed.PROVIDER.of(volume);
    }

    /**
     * Returns the volume under a file system.
     *
     * @throws ProviderMismatchException it is none of this provider
     */
    public static Volume volume(FileSystem fileSystem) {
        if (fileSystem instanceof HoldfastFileSystem ours) {
            return ours.volume();
        }
        throw new ProviderMismatchException(fileSystem + " is no volume");
    }

    /**
     * Makes the stores to a part of a mapped segment durable, by whatever thread they were: all
     * that durability takes, for what finds the bytes after a crash was durable when the segment
     * was mapped. On line media it writes back the cache lines of the range; on page media it is
     * one {@code msync}, which threads that come meanwhile share.
     *
     * @param segment of a writable map of a channel of this provider, or a slice of it
     * @throws HoldfastException INVALID: another segment; SHUT_DOWN, IO_ERROR: a write-back failed,
     *     the volume has to be opened anew
     * @throws IndexOutOfBoundsException the range is not in the segment
     * @throws IllegalStateException its arena is closed
     */
    public static void persist(MemorySegment segment, long offset, long length)
            throws IOException {
        MappedMemory.persist(segment, offset, length);
    }

    /**
     * Makes the stores to a part of a mapped buffer durable, as
     * {@link #persist(MemorySegment, long, long)}.
     */
    public static void persist(MappedByteBuffer buffer, int index, int length) throws IOException {
        MappedMemory.persist(
                MemorySegment.ofBuffer(buffer.duplicate().clear()), index, length);
    }
}
