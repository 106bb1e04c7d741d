package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands through the launcher, as processes: streams, locales, exit codes, two at once. */
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
        Shell.Result result = bash(Map.of(), """
                "$holdfast" mkfs v 1m >log
                mkfifo pipe
                "$holdfast" put v - /held <pipe & holder=$!
                exec 3>pipe
                until [ "$("$holdfast" ls v 2>err || cat err)" ] && grep -q 'in use' err; do :; done
                grep -q "in use by .*$holder" err || cat err >&2
                exec 3>&-
                wait $holder
                "$holdfast" ls v
                "$holdfast" cat v /none; echo $?
                """);

        assertThat(result.err()).isEqualTo("holdfast: /none: no such file or directory\n");
        assertThat(result.out()).endsWith("held\n1\n");
    }
}
