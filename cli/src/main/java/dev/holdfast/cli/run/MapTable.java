package dev.holdfast.cli.run;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.cli.io.IoOp;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The mappings a script has made. An operation means the newest mapping of the file its path leads
 * to, whatever name the file had when it was mapped. One thread.
 */
final class MapTable {
    /**
     * A mapping and where it begins.
     *
     * @param fileOffset first byte, in the file
     */
    record Mapped(Mapping mapping, long fileOffset) {
        /** Returns where in the mapping a range of the file is. */
        long place(String path, long offset, long lengthBytes) throws HoldfastException {
            long end = fileOffset + mapping.lengthBytes();
            if (offset < fileOffset || offset + lengthBytes > end) {
                throw new HoldfastException(ErrorCode.INVALID, path + ": the range of "
                        + lengthBytes + " bytes at " + offset + " is not inside its mapping, bytes "
                        + fileOffset + " to " + end + "; mmap more of it first");
            }
            return offset - fileOffset;
        }
    }

    private final Map<Long, Mapped> newest = new HashMap<>();
    private final List<Mapping> all = new ArrayList<>();

    void map(Volume volume, IoOp.MMap op) throws IOException {
        MapMode mode = switch (op.kind()) {
            case SYNC -> MapMode.SYNC;
            case SHARED -> MapMode.SHARED;
            case PRIVATE -> MapMode.PRIVATE;
        };
        try (DaxFile file = volume.openFile(op.path())) {
            Mapping mapping = file.map(mode, op.offset(), op.length());
            all.add(mapping);
            newest.put(file.stat().inode(), new Mapped(mapping, op.offset()));
        }
    }

    Mapped of(Volume volume, String path) throws IOException {
        Mapped mapped = newest.get(volume.stat(path).inode());
        if (mapped == null) {
            throw new HoldfastException(ErrorCode.INVALID,
                    path + ": is not mapped; mmap it first");
        }
        return mapped;
    }

    /** Forgets mappings that their volume has closed. */
    void forget() {
        newest.clear();
        all.clear();
    }

    void close() {
        all.forEach(Mapping::close);
        forget();
    }
}
