package dev.holdfast.tree;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.LittleEndian;
import java.lang.foreign.StructLayout;
import org.junit.jupiter.api.Test;

class LayoutTest {
    private static void assertAt(StructLayout layout, String field, int offset) {
        assertThat(layout.byteOffset(groupElement(field))).as(field).isEqualTo(offset);
    }

    @Test
    void theSlotIsAsItsOffsetsSay() {
        assertThat(Layout.SLOT.byteSize()).isEqualTo(Layout.SLOT_BYTES);
        assertAt(Layout.SLOT, "crc", Layout.SLOT_CRC_AT);
        assertAt(Layout.SLOT, "version", Layout.SLOT_VERSION_AT);
        assertAt(Layout.SLOT, "volumeBlocks", Layout.SLOT_VOLUME_BLOCKS_AT);
        assertAt(Layout.SLOT, "chunkBlocks", Layout.SLOT_CHUNK_BLOCKS_AT);
        assertAt(Layout.SLOT, "createdMillis", Layout.SLOT_CREATED_MILLIS_AT);
        assertAt(Layout.SLOT, "label", Layout.SLOT_LABEL_AT);
        assertAt(Layout.SLOT, "generation", Layout.SLOT_GENERATION_AT);
        assertAt(Layout.SLOT, "rootBlock", Layout.SLOT_ROOT_BLOCK_AT);
        assertAt(Layout.SLOT, "rootGeneration", Layout.SLOT_ROOT_GENERATION_AT);
        assertAt(Layout.SLOT, "itemBytes", Layout.SLOT_ITEM_BYTES_AT);
        assertAt(Layout.SLOT, "height", Layout.SLOT_HEIGHT_AT);
        assertAt(Layout.SLOT, "flags", Layout.SLOT_FLAGS_AT);
        assertAt(Layout.SLOT, "logStartLsn", Layout.SLOT_LOG_START_LSN_AT);
        assertAt(Layout.SLOT, "nextInode", Layout.SLOT_NEXT_INODE_AT);
    }

    @Test
    void nodesAndItemsAreAsTheirOffsetsSay() {
        assertThat(Layout.NODE_HEADER.byteSize()).isEqualTo(Layout.NODE_HEADER_BYTES);
        assertAt(Layout.NODE_HEADER, "level", Layout.NODE_LEVEL_AT);
        assertAt(Layout.NODE_HEADER, "count", Layout.NODE_COUNT_AT);
        assertAt(Layout.NODE_HEADER, "generation", Layout.NODE_GENERATION_AT);
        assertAt(Layout.NODE_HEADER, "block", Layout.NODE_BLOCK_AT);
        assertThat(Layout.ITEM_SLOT.byteSize()).isEqualTo(Layout.ITEM_SLOT_BYTES);
        assertAt(Layout.ITEM_SLOT, "type", Layout.ITEM_TYPE_AT);
        assertAt(Layout.ITEM_SLOT, "value", Layout.ITEM_VALUE_AT);
        assertAt(Layout.ITEM_SLOT, "length", Layout.ITEM_LENGTH_AT);
    }

    @Test
    void theHalvesOfAChunkHeaderAreAsTheirOffsetsSay() {
        assertThat(Layout.HALF.byteSize()).isEqualTo(Layout.HALF_BYTES);
        assertAt(Layout.HALF, "generation", Layout.HALF_GENERATION_AT);
        assertAt(Layout.HALF, "start", Layout.HALF_START_AT);
        assertAt(Layout.HALF, "blocks", Layout.HALF_BLOCKS_AT);
        assertAt(Layout.HALF, "live", Layout.HALF_LIVE_AT);
        assertAt(Layout.HALF, "older", Layout.HALF_OLDER_AT);
        assertThat(Layout.HALF_BYTES).isLessThanOrEqualTo(Layout.HALF_STRIDE);
        assertThat(Layout.BITMAP_BYTES * Byte.SIZE).isGreaterThanOrEqualTo(
                Layout.MAX_CHUNK_BLOCKS - 1);
    }

    @Test
    void magicsAreReadableInADump() {
        byte[] bytes = new byte[8];
        LittleEndian.putLong(bytes, 0, Layout.SLOT_MAGIC);
        assertThat(bytes).asString().isEqualTo("HOLDFAST");
        LittleEndian.putInt(bytes, 0, Layout.NODE_MAGIC);
        LittleEndian.putInt(bytes, 4, Layout.HALF_MAGIC);
        assertThat(bytes).asString().isEqualTo("HFNDHFCH");
    }
}
