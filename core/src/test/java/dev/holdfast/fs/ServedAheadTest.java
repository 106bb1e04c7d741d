package dev.holdfast.fs;

import static dev.holdfast.fs.FakeClient.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.CheckedVolume;
import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.dax.MapFlags;
import dev.holdfast.device.DeviceCounters;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.ffm.Linux;
import dev.holdfast.fs.FakeClient.Right;
import dev.holdfast.mm.PageTable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Faults that take pages along, huge pages, and what a fault costs. */
class ServedAheadTest {
    private static final long PAGES = 4096;

    private final ManualBackground background = new ManualBackground();
    private MemfdDevice device;
    private Volume volume;
    private DaxFile file;

    @BeforeEach
    void createVolume() throws IOException {
        device = MemfdDevice.create("served", 64 << 20);
        volume = Volume.create(device, VolumeLab.deterministic(VolumeOptions.defaults(),
                () -> background, () -> 1, new Random(1)));
        file = volume.createFile("/a");
        file.truncate(PAGES * PAGE);
        file.fsync();
    }

    @AfterEach
    void closeVolume() throws IOException {
        file.close();
        CheckedVolume.closeAndCheck(volume);
        device.close();
    }

    private long count(String kind) {
        return volume.faults().byKind().get(kind);
    }

    @Test
    @DisplayName("Sequential stores: one record, one commit and one install for up to 256 pages")
    void sequentialStoresMapAhead() throws IOException {
        try (FakeClient client = FakeClient.sync(volume, "/a", 0, PAGES * PAGE)) {
            client.mapping.limitAhead(256);
            DeviceCounters counters = device.counters();
            long barriers = counters.barriers();
            long lines = counters.lines();
            for (long page = 0; page < 1024; page++) {
                client.store(page, page);
            }
            // 1, 4, 16, 64, 256, and 171 up to the end of the huge page, which no run crosses; 256
            // twice.
            assertThat(client.faults).isEqualTo(8);
            assertThat(client.installs).isEqualTo(8);
            assertThat(counters.barriers() - barriers).isEqualTo(8);
            assertThat(counters.lines() - lines).isEqualTo(8);
            assertThat(count("AHEAD")).isEqualTo(1024 - 8);
        }
    }

    @Test
    @DisplayName("Blocks reserved for the start of a mapping, and ahead of stores in order, have "
            + "memory")
    void reservedBlocksHaveMemoryAhead() throws IOException {
        int fd = device.openShared();
        try (FakeClient client = FakeClient.sync(volume, "/a", 0, PAGES * PAGE)) {
            client.mapping.limitAhead(256);
            assertThat(hasMemory(fd, client, 1023)).isFalse();
            background.tick();
            assertThat(hasMemory(fd, client, 0)).isTrue();
            assertThat(hasMemory(fd, client, 1023)).isTrue();
            assertThat(hasMemory(fd, client, 1024)).isFalse();
            for (long page = 0; page < 512; page++) {
                client.store(page, page);
            }
            background.tick();
            assertThat(hasMemory(fd, client, 1535)).isTrue();
            assertThat(hasMemory(fd, client, 1536)).isFalse();
            client.store(3000, 1);
            background.tick();
            assertThat(hasMemory(fd, client, 3001)).isFalse();
        } finally {
            Linux.close(fd);
        }
    }

    private static boolean hasMemory(int fd, FakeClient client, long page) throws IOException {
        long offset = client.block(page) * PAGE;
        return Linux.seek(fd, offset, Linux.SEEK_DATA) == offset;
    }

    @Test
    @DisplayName("Stores in no order map one page each")
    void otherStoresMapOnePage() throws IOException {
        try (FakeClient client = FakeClient.sync(volume, "/a", 0, PAGES * PAGE)) {
            client.mapping.limitAhead(64);
            for (long i = 0; i < 100; i++) {
                client.store(i * 37 % 101 * 3, i);
            }
            assertThat(client.faults).isEqualTo(100);
            assertThat(count("AHEAD")).isZero();
        }
    }

    @Test
    @DisplayName("Loads map around: zeroes of a hole, read-only, and no blocks for the file")
    void loadsMapAround() throws IOException {
        try (FakeClient client = FakeClient.sync(volume, "/a", 0, PAGES * PAGE)) {
            client.mapping.limitAhead(64);
            client.load(0);
            assertThat(client.right(15)).isEqualTo(Right.LOAD);
            assertThat(client.right(16)).isEqualTo(Right.NONE);
            assertThat(file.extents()).isEmpty();
            client.load(16);
            assertThat(client.right(47)).isEqualTo(Right.LOAD);
            client.store(20, 1);
            assertThat(client.right(21)).isEqualTo(Right.LOAD);
        }
    }

    @Test
    @DisplayName("Nothing is mapped ahead past the end of the file, or over what can be stored to")
    void aheadEndsWhereItMust() throws IOException {
        file.truncate(10 * PAGE);
        try (FakeClient client = FakeClient.sync(volume, "/a", 0, PAGES * PAGE)) {
            client.mapping.limitAhead(64);
            client.store(6, 6);
            for (long page = 0; page < 10; page++) {
                client.store(page, page);
            }
            assertThat(client.right(9)).isEqualTo(Right.STORE);
            assertThat(client.right(10)).isEqualTo(Right.NONE);
            assertThat(FakeClient.isBusError(() -> client.load(10))).isTrue();
            assertThat(client.load(6)).isEqualTo(6);
        }
    }

    @Test
    @DisplayName("M6 A store to a huge hole maps 2 MiB at once, and fsync protects all of it (W2)")
    void hugePagesAreMappedWhole() throws IOException {
        try (FakeClient client = FakeClient.syncHuge(volume, "/a", 0, PAGES * PAGE)) {
            assertThat(client.load(700)).isZero();
            assertThat(client.right(1023)).isEqualTo(Right.LOAD);
            client.store(700, 1);
            client.store(1023, 2);
            assertThat(client.faults).isEqualTo(2);
            assertThat(count("PMD_ZERO")).isEqualTo(1);
            assertThat(count("PMD_SYNC_FINISHED")).isEqualTo(1);
            file.fsync();
            assertThat(client.right(1023)).isEqualTo(Right.LOAD);
            file.truncate(800 * PAGE);
            assertThat(client.load(700)).isEqualTo(1);
            assertThat(client.right(1023)).isEqualTo(Right.NONE);
            client.store(700, 3);
            assertThat(client.load(700)).isEqualTo(3);
            assertThat(client.right(799)).isNotEqualTo(Right.BUS_ERROR);
        }
    }

    @Test
    @DisplayName("W1 The kept part of a huge page that a truncate cut is protected by the next "
            + "fsync")
    void theKeptPartOfAHugePageIsProtected() throws IOException {
        try (FakeClient client = FakeClient.syncHuge(volume, "/a", 0, PAGES * PAGE)) {
            client.store(600, 1);
            file.truncate(700 * PAGE);
            assertThat(client.right(600)).isNotEqualTo(Right.STORE);
            client.store(600, 2);
            file.fsync();
            assertThat(client.right(600)).isEqualTo(Right.LOAD);
        }
    }

    @Test
    @DisplayName("A fault allocates nothing on the heap in steady state, alone or with pages ahead")
    void aFaultMakesNoGarbage() throws IOException {
        long pages = 1 << 16;
        file.truncate(0);
        try (MemfdDevice large = MemfdDevice.create("served", 384 << 20);
                Volume other = Volume.create(large,
                        VolumeLab.deterministic(VolumeOptions.defaults(),
                        ManualBackground::new, () -> 1, new Random(1)));
                DaxFile big = other.createFile("/b")) {
            big.truncate(pages * PAGE);
            Inode inode = VolumeLab.fileSystem(other).paths().resolve("/b", true);
            try (ServedMapping mapping = VolumeLab.fileSystem(other).mappings().serve(inode, 0,
                    pages * PAGE, MapFlags.SHARED | MapFlags.SYNC | MapFlags.VALIDATE, true, false,
                    NoHardware.INSTANCE)) {
                mapping.limitAhead(1);
                assertThat(leastGarbage(mapping, 0, pages / 2)).isLessThan(1024);
                mapping.limitAhead(64);
                assertThat(leastGarbage(mapping, pages / 2, pages)).isLessThan(1024);
            }
        }
    }

    /** Returns the fewest bytes that 8192 pages took: of the last, once all code is compiled. */
    private static long leastGarbage(ServedMapping mapping, long first, long end)
            throws IOException {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (long from = first; from < end; from += 8192) {
            // The tables of each huge page are made with its first entry.
            for (long page = from; page < from + 8192; page += 512) {
                serve(mapping, page, page + 1);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            serve(mapping, from, from + 8192);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    private static void serve(ServedMapping mapping, long from, long to) throws IOException {
        for (long page = from; page < to; page++) {
            if (!PageTable.isWritable(mapping.vma().entry(page)) && !mapping.fault(page, true)) {
                throw new AssertionError("the client is there");
            }
        }
    }
}
