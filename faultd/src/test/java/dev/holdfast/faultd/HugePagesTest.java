package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.VolumeOptions;
import dev.holdfast.device.CreateOptions;
import dev.holdfast.device.FileDevice;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A volume of huge pages: takes some from the system for the time of the test. */
class HugePagesTest {
    private static final Path COUNT = Path.of("/proc/sys/vm/nr_hugepages");
    private static final Path COMPACT = Path.of("/proc/sys/vm/compact_memory");
    private static final long HUGE = 2L << 20;
    private static final int PAGES = 32;

    private String countBefore;
    private Path folder;

    @BeforeEach
    void mount() throws Exception {
        Needs.userfaultfd();
        assumeTrue(Files.isWritable(COUNT), "needs root, to set aside huge pages");
        countBefore = count();
        String wanted = Integer.toString(Integer.parseInt(countBefore) + PAGES + 4);
        Files.writeString(COMPACT, "1");
        for (int tries = 0; tries < 3; tries++) {
            Files.writeString(COUNT, wanted);
        }
        folder = Files.createTempDirectory("holdfast-huge");
        boolean isMounted = run("mount", "-t", "hugetlbfs", "none", folder.toString()) == 0;
        boolean isEnough = count().equals(wanted);
        if (!isMounted || !isEnough) {
            unmount();
            assumeTrue(false, "needs " + wanted + " huge pages, and the right to mount hugetlbfs");
        }
    }

    @AfterEach
    void unmount() throws Exception {
        if (folder != null) {
            run("umount", folder.toString());
            Files.delete(folder);
            folder = null;
        }
        if (countBefore != null) {
            Files.writeString(COUNT, countBefore);
            countBefore = null;
        }
    }

    /** Read in one piece: the kernel gives such a file to the first read and nothing to the next. */
    private static String count() throws IOException {
        try (InputStream in = Files.newInputStream(COUNT)) {
            byte[] digits = new byte[64];
            return new String(digits, 0, Math.max(0, in.read(digits)), StandardCharsets.US_ASCII).strip();
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    @Test
    @DisplayName("M6 a store to a volume of huge pages maps one huge page, and truncate takes it away")
    void hugePages() throws Exception {
        Path file = folder.resolve("volume");
        FileDevice device = FileDevice.create(file, PAGES * HUGE, CreateOptions.defaults());
        try (LocalServer local = new LocalServer(device, VolumeOptions.defaults())) {
            Child client = local.javaClient();
            client.expect("ok", "open f /file");
            client.expect("ok", "truncate f " + 4 * HUGE);
            client.expect("ok", "map f m SYNC 0 " + 4 * HUGE);
            client.expect("ok", "put m " + HUGE + " 7");
            long faults = local.server().faultsServed();
            for (long at = HUGE; at < 2 * HUGE; at += HUGE / 8) {
                client.expect("ok", "put m " + (at + 8) + " 8");
            }
            assertThat(local.server().faultsServed()).isEqualTo(faults);
            Child other = local.javaClient();
            other.expect("ok", "open f /file");
            other.expect("ok", "map f m SHARED 0 " + 4 * HUGE);
            other.expect("7", "get m " + HUGE);
            other.expect("0", "get m " + 3 * HUGE);
            other.expect("ok", "fsync f");
            client.expect("ok", "put m " + HUGE + " 9");
            other.expect("9", "get m " + HUGE);
            other.expect("ok", "truncate f " + HUGE);
            client.expect("bus error", "get m " + HUGE);
            client.expect("ok", "truncate f " + 4 * HUGE);
            client.expect("0", "get m " + HUGE);
            assertThat(client.ask("map f n SYNC 4096 4096")).startsWith("INVALID");
        }
        Files.delete(file);
    }
}
