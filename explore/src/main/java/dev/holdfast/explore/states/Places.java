package dev.holdfast.explore.states;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileExtent;
import dev.holdfast.file.FileType;
import dev.holdfast.tree.Slot;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Says what lies where on a volume, for people: regions by geometry, file data by extents. */
final class Places {
    private static final int BLOCK = DaxDevice.BLOCK_BYTES;
    private static final int SLOT_BLOCKS = 2;
    private static final int HEAD_BLOCKS = 4;
    private static final int LINE = DaxDevice.LINE_BYTES;
    // The header of a log record; see docs/format.md.
    private static final int LENGTH_AT = 4;
    private static final int LENGTH_MASK = (1 << 24) - 1;
    private static final int LSN_AT = 8;
    private static final int HEADER_BYTES = 32;
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private record Data(String path, FileExtent extent) {}

    private final TreeMap<Long, Data> data = new TreeMap<>();
    private Slot.Geometry geometry;
    /** The ring, everything kept. */
    private byte[] log;

    private Places() {}

    /** Looks at the volume that a state's image recovers to with everything kept, if it does. */
    static Places of(ImageState state, VolumeOptions reopening) {
        Places places = new Places();
        state.chooseNewest();
        StateRunner runner = new StateRunner(state.device(), reopening, (volume, point) -> { }, 1);
        try {
            Volume volume = runner.open();
            places.geometry = VolumeLab.fileSystem(volume).geometry();
            places.takeLog(state.device().image());
            places.walk(volume, "/");
        } catch (IOException | RuntimeException | AssertionError notEvenThen) {
            // Then only offsets can be told.
        } finally {
            state.device().undo();
        }
        return places;
    }

    private void walk(Volume volume, String directory) throws IOException {
        for (DirectoryEntry entry : volume.list(directory)) {
            String path = directory + entry.name();
            if (entry.type() == FileType.DIRECTORY) {
                walk(volume, path + "/");
            } else if (entry.type() == FileType.FILE) {
                try (DaxFile file = volume.openFile(path)) {
                    file.extents().forEach(
                            extent -> data.put(extent.deviceOffset(), new Data(path, extent)));
                }
            }
        }
    }

    /** Says what lies at an offset. */
    String at(long offset) {
        Map.Entry<Long, Data> below = data.floorEntry(offset);
        if (below != null && offset < below.getKey() + below.getValue().extent.length()) {
            Data found = below.getValue();
            return found.path + " at " + (found.extent.fileOffset() + offset - below.getKey());
        }
        long block = offset / BLOCK;
        if (block < SLOT_BLOCKS) {
            return "superblock slot " + block + " at " + offset % BLOCK;
        }
        if (block < HEAD_BLOCKS) {
            return "epoch table " + (block - SLOT_BLOCKS) + " at " + offset % BLOCK;
        }
        if (geometry != null && block < geometry.logFirstBlock() + geometry.logBlocks()) {
            return logRecord((int) (offset - geometry.logFirstBlock() * BLOCK) / LINE);
        }
        return "byte " + offset + " (a tree node, or free)";
    }

    private void takeLog(byte[] image) {
        int first = (int) geometry.logFirstBlock() * BLOCK;
        log = Arrays.copyOfRange(image, first, first + (int) geometry.logBlocks() * BLOCK);
    }

    /** Names the record that a line of the ring belongs to, if it is one. */
    private String logRecord(int ringLine) {
        int ringLines = log.length / LINE;
        for (int header = ringLine; header >= 0; header--) {
            int at = header * LINE;
            long lsn = (long) LONG.get(log, at + LSN_AT);
            int payload = (int) INT.get(log, at + LENGTH_AT) & LENGTH_MASK;
            if (Long.remainderUnsigned(lsn, ringLines) == header
                    && HEADER_BYTES + payload > (ringLine - header) * LINE) {
                return "log record at LSN " + lsn
                        + (header == ringLine ? "" : ", line " + (ringLine - header));
            }
        }
        return "log line " + ringLine;
    }
}
