package dev.holdfast.explore.states;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileExtent;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Predicate;

/** One number for all that can be seen of a volume: names, attributes but times, and contents. */
final class Listing {
    private static final int READ_BYTES = 16 << 10;

    private final Volume volume;
    private final ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);

    private Listing(Volume volume) {
        this.volume = volume;
    }

    /** Hashes a volume, but for the names in its root directory that are left out. */
    static long of(Volume volume, Predicate<String> leftOut) throws IOException {
        Listing listing = new Listing(volume);
        long hash = 0;
        for (DirectoryEntry entry : volume.list("/")) {
            if (!leftOut.test(entry.name())) {
                hash += listing.entry("/" + entry.name());
            }
        }
        return hash;
    }

    private long entry(String path) throws IOException {
        FileStat stat = volume.statLink(path);
        long hash = Hashes.of(path.hashCode(), stat.type().ordinal());
        hash = Hashes.of(hash, stat.mode());
        hash = Hashes.of(hash, stat.links());
        hash = Hashes.of(hash, stat.sizeBytes());
        switch (stat.type()) {
            case DIRECTORY -> {
                for (DirectoryEntry entry : volume.list(path)) {
                    hash += entry(path + "/" + entry.name());
                }
            }
            case SYMLINK -> hash = Hashes.of(hash, volume.readSymbolicLink(path).hashCode());
            case FILE -> hash = Hashes.of(hash, content(path));
            default -> { }
        }
        if (stat.type() != FileType.SYMLINK) {
            for (String name : volume.listXattrs(path)) {
                hash += Hashes.of(name.hashCode(),
                        ByteBuffer.wrap(volume.getXattr(path, name)).hashCode());
            }
        }
        return hash;
    }

    private long content(String path) throws IOException {
        long hash = 0;
        try (DaxFile file = volume.openFile(path)) {
            for (FileExtent extent : file.extents()) {
                for (long into = 0; extent.written() && into < extent.length();
                        into += READ_BYTES) {
                    buffer.clear();
                    long at = extent.fileOffset() + into;
                    buffer.limit((int) Math.min(READ_BYTES, extent.length() - into));
                    if (file.read(buffer, at) > 0) {
                        hash = Hashes.of(hash, Hashes.of(at, buffer.flip().hashCode()));
                    }
                }
            }
        }
        return hash;
    }
}
