package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheLinesTest {
    /** What runs in the other JVM. */
    static final class Persists {
        private Persists() {}

        public static void main(String[] arguments) throws IOException {
            try (MemfdDevice device = MemfdDevice.create("test", 1 << 20)) {
                device.putLong(0, 42);
                device.persist(0, 8);
                System.out.println(device.medium().writeBack());
            }
        }
    }

    private static String run(String flag) throws Exception {
        Process process = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), flag,
                "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null",
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), Persists.class.getName()))
                .redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
        return said.strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1", "-XX:TieredStopAtLevel=3"})
    void aJvmWithoutTheOptimisingCompilerHasNoWriteBackAndSurvives(String flag) throws Exception {
        assertThat(run(flag)).isEqualTo("NONE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=0", "-XX:TieredStopAtLevel=1",
            "-XX:TieredStopAtLevel=3", "-XX:CompilationMode=quick-only"})
    void aVmWithoutItsOptimisingCompilerHasNoWriteBack(String argument) {
        assertThat(CacheLines.isOptimising("-Xmx1g", argument, "-ea")).isFalse();
    }

    @Test
    void theLastLevelCounts() {
        assertThat(CacheLines.isOptimising()).isTrue();
        assertThat(CacheLines.isOptimising("-XX:TieredStopAtLevel=1", "-XX:TieredStopAtLevel=4"))
                .isTrue();
    }
}
