package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.DaxFile;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.CreateOptions;
import dev.holdfast.device.FileDevice;
import dev.holdfast.file.AllocateMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * A volume on hugetlbfs, where one fault installs one real entry of 2 MiB and nothing smaller can
 * be had.
 */
class HugePagesTest {
    private static final long UNIT = 2 << 20;
    private static final long VOLUME_BYTES = 32 * UNIT;

    private Path file;
    private LocalServer local;
    private Child client;

    @BeforeEach
    void start() throws Exception {
        Needs.userfaultfd();
        file = Files.createTempFile(folder(), "holdfast", ".volume");
        Files.delete(file);
        local = new LocalServer(FileDevice.create(file, VOLUME_BYTES, CreateOptions.defaults()),
                VolumeOptions.defaults());
        client = local.javaClient();
        client.expect("ok", "open f /file");
        client.expect("ok", "truncate f " + 4 * UNIT);
    }

    /** Returns a hugetlbfs mount with room for the volume. */
    private static Path folder() throws IOException {
        Path mount = null;
        for (String line : Files.readAllLines(Path.of("/proc/mounts"))) {
            String[] words = line.split(" ");
            if (words[2].equals("hugetlbfs") && Files.isWritable(Path.of(words[1]))) {
                mount = Path.of(words[1]);
            }
        }
        assumeTrue(mount != null, "needs a hugetlbfs mount that can be written to");
        long free = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("HugePages_Free:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum();
        assumeTrue(free > VOLUME_BYTES / UNIT, "needs " + (VOLUME_BYTES / UNIT + 1)
                + " free huge pages: echo 40 > /proc/sys/vm/nr_hugepages");
        return mount;
    }

    @AfterEach
    void stop() throws Exception {
        if (local != null) {
            local.close();
        }
        if (file != null) {
            Files.deleteIfExists(file);
        }
    }

    private long faults(String kind) {
        return local.volume().faults().byKind().get(kind);
    }

    /** Whether a store had to wait is up to who committed first: it, or the log's background. */
    private long hugeStores() {
        return faults("PMD_MAPPED") + faults("PMD_SYNC_FINISHED");
    }

    /** A fault is counted after the client has gone on. */
    private void expectFaults(long count) {
        Await.until(() -> local.server().faultsServed() >= count);
        assertThat(local.server().faultsServed()).isEqualTo(count);
    }

    @Test
    @DisplayName("M6 One store to a hole: one fault, one commit, 2 MiB that can be stored to")
    void oneFaultInstallsAHugePage() throws Exception {
        client.expect("ok", "map f m SYNC 0 " + 4 * UNIT);
        client.expect("ok", "put m 4096 77");
        client.expect("ok", "put m " + (UNIT - 8) + " 78");
        client.expect("77", "get m 4096");
        expectFaults(1);
        assertThat(hugeStores()).isEqualTo(1);
        try (DaxFile found = local.volume().openFile("/file")) {
            assertThat(found.extents()).singleElement()
                    .matches(extent -> extent.length() == UNIT
                    && extent.deviceOffset() % UNIT == 0);
        }
    }

    @Test
    @DisplayName("M5 W2 A hole is read, stored to, synced and stored to again")
    void readStoreSyncStore() throws Exception {
        client.expect("ok", "map f m SYNC 0 " + 4 * UNIT);
        client.expect("0", "get m " + UNIT);
        client.expect("ok", "put m " + UNIT + " 1");
        client.expect("ok", "fsync f");
        client.expect("ok", "put m " + (UNIT + 4096) + " 2");
        client.expect("1", "get m " + UNIT);
        assertThat(faults("PMD_ZERO")).isEqualTo(1);
        assertThat(hugeStores()).isEqualTo(2);
    }

    @Test
    @DisplayName("B6 W2 W3 Two processes with one huge page: what either stores after an fsync is "
            + "a new fault")
    void sixSteps() throws Exception {
        Child other = local.client();
        other.expect("ok", "open f /file");
        client.expect("ok", "map f m SHARED 0 " + 4 * UNIT);
        other.expect("ok", "map f m SHARED 0 " + 4 * UNIT);
        client.expect("ok", "put m 64 1");
        other.expect("ok", "put m " + (UNIT - 4096) + " 2");
        for (int round = 0; round < 3; round++) {
            client.expect("ok", "fsync f");
            other.expect("ok", "put m " + (UNIT - 8192) + " 3");
            client.expect("ok", "put m 128 4");
        }
        expectFaults(2 + 3 * 2);
        other.expect("4", "get m 128");
        client.expect("3", "get m " + (UNIT - 8192));
    }

    @Test
    @DisplayName("M6 A client in C has one real huge entry too")
    void fromC() throws Exception {
        Child other = local.client();
        other.expect("ok", "open f /file");
        other.expect("ok", "map f m SYNC 0 " + 4 * UNIT);
        other.expect("ok", "put m 0 1");
        other.expect("ok", "put m " + (UNIT - 8) + " 2");
        expectFaults(1);
        assertThat(hugeStores()).isEqualTo(1);
    }

    @Test
    @DisplayName("Z3 A truncate inside a huge page zeroes what it cuts off, and unmaps those after "
            + "it")
    void truncateInsideAHugePage() throws Exception {
        client.expect("ok", "map f m SYNC 0 " + 4 * UNIT);
        client.expect("ok", "put m 0 1");
        client.expect("ok", "put m 8192 2");
        client.expect("ok", "put m " + UNIT + " 3");
        client.expect("ok", "truncate f 4096");
        client.expect("1", "get m 0");
        client.expect("0", "get m 8192");
        client.expect("bus error", "get m " + UNIT);
        client.expect("ok", "truncate f " + 4 * UNIT);
        client.expect("0", "get m 8192");
        client.expect("0", "get m " + UNIT);
        client.expect("ok", "put m 8192 5");
        client.expect("1", "get m 0");
    }

    @Test
    @DisplayName("A file with blocks in a part of a huge page is served where the rest is free")
    void aPartlyWrittenHugePage() throws Exception {
        try (DaxFile here = local.volume().openFile("/file")) {
            here.allocate(AllocateMode.WRITTEN, 0, UNIT);
            here.write(ByteBuffer.wrap(new byte[] {42}), 100);
            here.punchHole(4096, UNIT - 4096);
            here.fsync();
        }
        client.expect("ok", "map f m SYNC 0 " + 4 * UNIT);
        client.expect("ok", "put m 4096 6");
        client.expect("6", "get m 4096");
        try (DaxFile here = local.volume().openFile("/file")) {
            ByteBuffer one = ByteBuffer.allocate(1);
            here.read(one, 100);
            assertThat(one.get(0)).isEqualTo((byte) 42);
        }
    }

    @Test
    @DisplayName("A mapping whose blocks do not lie as huge pages do is refused, with the reason")
    void misplacedBlocksAreRefused() throws Exception {
        try (DaxFile other = local.volume().createFile("/other");
                DaxFile here = local.volume().openFile("/file")) {
            // The two take turns, so that neither has a whole huge page.
            for (int i = 0; i < 8; i++) {
                here.write(ByteBuffer.wrap(new byte[4096]), i * 4096L);
                other.write(ByteBuffer.wrap(new byte[300 * 4096]), i * 300L * 4096);
            }
            here.fsync();
        }
        assertThat(client.ask("map f m SYNC 0 " + 4 * UNIT)).startsWith("NOT_SUPPORTED")
                .contains("units of 2097152 bytes");
    }
}
