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
import java.util.Map;
import java.util.TreeMap;

/** Says what lies where on a volume, for people: regions by geometry, file data by extents. */
final class Places {
    private static final int BLOCK = DaxDevice.BLOCK_BYTES;
    private static final int SLOT_BLOCKS = 2;
    private static final int HEAD_BLOCKS = 4;

    private record Data(String path, FileExtent extent) {}

    private final TreeMap<Long, Data> data = new TreeMap<>();
    private Slot.Geometry geometry;

    private Places() {}

    /** Looks at the volume that a state's image recovers to with everything kept, if it does. */
    static Places of(ImageState state, VolumeOptions reopening) {
        Places places = new Places();
        state.chooseNewest();
        StateRunner runner = new StateRunner(state.device(), reopening, (volume, point) -> { }, 1);
        try {
            Volume volume = runner.open();
            places.geometry = VolumeLab.fileSystem(volume).geometry();
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
            return "log line " + (offset - geometry.logFirstBlock() * BLOCK) / DaxDevice.LINE_BYTES;
        }
        return "byte " + offset + " (a tree node, or free)";
    }
}
