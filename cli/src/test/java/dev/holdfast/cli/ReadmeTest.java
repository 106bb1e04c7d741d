package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README.md shows a program that works, and what its scripts really print. */
class ReadmeTest {
    private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```");
    private static final Pattern SCRIPT = Pattern.compile(
            "(?s)```sh\n\\./holdfast io (\\S+) <<'END'\n(.*?)END\n```\n\n```text\n(.*?)```");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)\\)");

    private static String readme() throws IOException {
        return Files.readString(Shell.sourceRoot().resolve("README.md"));
    }

    private static List<MatchResult> all(Pattern pattern) throws IOException {
        return pattern.matcher(readme()).results().toList();
    }

    @Test
    void theProgramShownIsTheOneThatIsTested() throws IOException {
        Path source = Shell.sourceRoot().resolve(
                "cli/src/test/java/dev/holdfast/cli/FirstRecord.java");
        String program = Files.readString(source).replaceFirst("package .*;\n\n", "");

        assertThat(all(JAVA)).extracting(shown -> shown.group(1)).containsExactly(program);
    }

    @Test
    void theProgramFindsItsRecord(@TempDir Path folder) throws Exception {
        Shell.Result result = Shell.run(folder, System.getenv(), List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"),
                FirstRecord.class.getName(), "volume"));

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("here to stay\n");
        assertThat(Cli.on(folder.resolve("volume"), "check")).contains(": sound");
    }

    @Test
    void theScriptsPrintWhatIsShown() throws IOException {
        List<MatchResult> scripts = all(SCRIPT);

        assertThat(scripts).hasSize(2);
        for (MatchResult script : scripts) {
            assertThat(Cli.runWith(script.group(2).getBytes(UTF_8), "io", script.group(1)).ok())
                    .isEqualTo(script.group(3));
        }
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        assertThat(all(LINK)).isNotEmpty().allSatisfy(link ->
                assertThat(Shell.sourceRoot().resolve(link.group(1))).exists());
    }
}
