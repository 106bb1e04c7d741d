package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands through the launcher, as processes: locales, exit codes, a volume that is in use. */
class LaunchedTest {
    @TempDir
    private Path folder;

    private Shell.Result bash(Map<String, String> more, String script) throws Exception {
        Map<String, String> environment = new HashMap<>();
        environment.put("PATH", System.getenv("PATH"));
        environment.put("HOLDFAST_JAVA_HOME", System.getProperty("java.home"));
        environment.put("HOLDFAST_CLASS_PATH", System.getProperty("java.class.path"));
        environment.put("holdfast", Shell.sourceRoot().resolve("holdfast").toString());
        environment.putAll(more);
        List<String> command = new ArrayList<>(List.of("bash", "-c", script));
        return Shell.run(folder, environment, command);
    }

    @Test
    void namesOutsideAsciiWorkInTheCLocale() throws Exception {
        Shell.Result result = bash(Map.of("LC_ALL", "C"), """
                set -e
                "$holdfast" mkfs v 1m >log
                mkdir tree; printf x >tree/größe-名
                "$holdfast" put -r v tree /bäume >log
                "$holdfast" ls v /bäume
                "$holdfast" get -r v /bäume back >log
                cmp tree/größe-名 back/größe-名
                """);

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("größe-名\n");
        assertThat(result.exit()).isZero();
    }

    @Test
    void aVolumeInUseNamesTheProcessThatHasIt() throws Exception {
        try (Volume held = Volume.create(folder.resolve("v"), 1 << 20)) {
            Shell.Result result = bash(Map.of(), "\"$holdfast\" ls v");

            assertThat(held.exists("/")).isTrue();
            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.out()).isEmpty();
            assertThat(result.err()).startsWith("holdfast: v is in use by ")
                    .contains(Long.toString(ProcessHandle.current().pid()));
        }
    }
}
