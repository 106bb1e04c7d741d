package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.CreateOptions;
import dev.holdfast.device.FileDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real processes, killed for good at any moment. */
class KillTest {
    private static final long VOLUME_BYTES = 16 << 20;

    @Test
    void whatAKilledProcessAcknowledgedIsThere() throws Exception {
        killAgainAndAgain(3, Long.getLong("holdfast.seed", 20261122));
    }

    @Test
    @Tag("stress")
    void whatFiftyKilledProcessesAcknowledgedIsThere() throws Exception {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.out.println("kills: seed " + seed + "; again: mvn -B -pl core verify -Pstress "
                + "-Dtest=KillTest -Dholdfast.seed=" + seed);
        killAgainAndAgain(50, seed);
    }

    private static void killAgainAndAgain(int kills, long seed) throws Exception {
        Random random = new Random(seed);
        Path memory = Path.of("/dev/shm");
        Path directory = Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "holdfast-kill")
                : Files.createTempDirectory("holdfast-kill");
        Path path = directory.resolve("volume");
        try {
            Volume.create(path, VOLUME_BYTES, CreateOptions.defaults().withSparse(true),
                    VolumeOptions.defaults()).close();
            long next = 0;
            for (int kill = 0; kill < kills; kill++) {
                long acknowledged = workUntilKilled(path, next, random);
                check(path, acknowledged, "seed " + seed + ", kill " + kill);
                next = acknowledged + 1;
            }
        } finally {
            Files.deleteIfExists(path);
            Files.delete(directory);
        }
    }

    /** Lets a process work for a random number of steps; returns the last it acknowledged. */
    private static long workUntilKilled(Path path, long first, Random random) throws Exception {
        Process worker = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
                // Without the optimising compiler there is no cache-line write-back either.
                random.nextBoolean() ? "-XX:TieredStopAtLevel=1" : "-XX:TieredStopAtLevel=4",
                "-Xmx128m", "--enable-native-access=ALL-UNNAMED",
                "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"),
                KilledWorker.class.getName(), path.toString(), Long.toString(first))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        long acknowledged = first - 1;
        try (BufferedReader output = worker.inputReader()) {
            assertThat(output.readLine()).isEqualTo("ready " + worker.pid());
            assertThatThrownBy(() -> FileDevice.open(path, false)).isInstanceOfSatisfying(
                    HoldfastException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.BUSY);
                        assertThat(e).hasMessageContaining("process " + worker.pid() + " (");
                    });
            for (int steps = random.nextInt(200); steps > 0; steps--) {
                acknowledged = Long.parseLong(output.readLine());
            }
            worker.destroyForcibly();
            // What it said before it died, and nobody read yet, counts as well.
            for (String line = readOrEnd(output); line != null; line = readOrEnd(output)) {
                acknowledged = Math.max(acknowledged, parse(line, acknowledged));
            }
        } finally {
            worker.destroyForcibly().waitFor();
        }
        return acknowledged;
    }

    private static String readOrEnd(BufferedReader output) {
        try {
            return output.readLine();
        } catch (IOException closedWithTheProcess) {
            return null;
        }
    }

    /** The last line may be cut anywhere: a number counts only if it is the next. */
    private static long parse(String line, long last) {
        return line.equals(Long.toString(last + 1)) ? last + 1 : last;
    }

    private static void check(Path path, long acknowledged, String context) throws IOException {
        try (Volume volume = Volume.open(path); DaxFile log = volume.openFile("/log")) {
            ByteBuffer record = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
            for (long i = 0; i <= acknowledged; i++) {
                log.read(record.clear(), i * KilledWorker.RECORD_BYTES);
                assertThat(record.getLong(0)).as("record %s: %s", i, context).isEqualTo(i + 1);
            }
            long oldest = Math.max(0, acknowledged - KilledWorker.FILES + 2);
            for (long i = oldest; i <= acknowledged; i++) {
                checkFile(volume, i, acknowledged, context);
            }
            for (var entry : volume.list("/")) {
                volume.stat("/" + entry.name());
            }
        }
    }

    private static void checkFile(Volume volume, long i, long acknowledged, String context)
            throws IOException {
        String path = "/file" + i % KilledWorker.FILES;
        // The step under way may have taken one of them, and every seventh step removes one.
        if (!volume.exists(path)) {
            assertThat(removedBy(i, acknowledged)).as("%s of step %s: %s", path, i,
                    context).isTrue();
            return;
        }
        byte[] end = KilledWorker.content(i);
        try (DaxFile file = volume.openFile(path)) {
            long start = i % 3 * 1000;
            byte[] found = new byte[end.length];
            file.read(ByteBuffer.wrap(found), start);
            assertThat(file.size()).as("%s of step %s: %s", path, i, context)
                    .isEqualTo(start + end.length);
            assertThat(Arrays.equals(found, end)).as("%s of step %s: %s", path, i,
                    context).isTrue();
        }
    }

    /** A step j removes the file of j + 1 (mod FILES), which is that of i for one j after i. */
    private static boolean removedBy(long i, long acknowledged) {
        long remover = i + KilledWorker.FILES - 1;
        return remover % 7 == 0 && remover <= acknowledged + 1;
    }
}
