package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExploreCommandTest {
    private static final Pattern REPLAY = Pattern.compile("--replay '([^']+)'");

    @TempDir
    private Path folder;

    private Path script(String text) throws IOException {
        return Files.writeString(folder.resolve("script.io"), text);
    }

    @Test
    @DisplayName("A clean workload says what was explored, and ends with 0")
    void aCleanWorkload() {
        assertThat(Cli.run("explore", "--workload", "rename", "--states", "100").ok())
                .contains("rename: ").contains("clean: 100 states").contains("seed 1");
    }

    @Test
    @DisplayName("JSON has the keys that are promised")
    void jsonHasItsKeys() {
        assertThat(Cli.run("explore", "--workload", "rename", "--states", "50", "--json").ok())
                .contains("\"workloads\": 1").contains("\"crashPoints\": ")
                .contains("\"images\": ").contains("\"states\": 50")
                .contains("\"distinctStates\": ").contains("\"exhaustive\": false")
                .contains("\"violations\": []").contains("\"statesPerSecond\": ")
                .contains("\"seed\": 1");
    }

    @Test
    @DisplayName("A mutant is caught by the workload that notices it; its replay shows it again")
    void aMutantIsCaughtAndReplayed() {
        Cli.Result caught = Cli.run("explore", "--mutant", "rename-in-two-records");
        assertThat(caught.exit()).isEqualTo(1);
        assertThat(caught.out()).contains("VIOLATION in rename").contains("power cut: ");
        Matcher replay = REPLAY.matcher(caught.out());
        assertThat(replay.find()).isTrue();

        Cli.Result again = Cli.run("explore", "--replay", replay.group(1),
                "--mutant", "RENAME_IN_TWO_RECORDS");
        assertThat(again.exit()).isEqualTo(1);
        assertThat(again.out()).contains("VIOLATION in rename");
    }

    @Test
    @DisplayName("All mutants are hunted; one that survives, here for want of states, ends with 1")
    void allMutantsAreHunted() {
        Cli.Result hunted = Cli.run("explore", "--mutants", "--states", "1", "--json");
        assertThat(hunted.exit()).isEqualTo(1);
        assertThat(hunted.out()).contains("\"name\": \"BARRIER_DROPPED\"")
                .contains("\"caught\": true").contains("\"caught\": false")
                .contains("\"byWorkload\": \"sync-store-to-a-hole\"")
                .contains("\"afterStates\": 1").contains("\"seconds\": ")
                .contains("\"byTest\": \"WritebackTest#dirtyMarkAfterEntry\"");
    }

    @Test
    @DisplayName("A script is explored; with a mutant its losses are found")
    void aScriptIsExplored() throws IOException {
        Path script = script("creat /a\ntruncate /a 16384\nmmap /a 0 16384 -s sync\n"
                + "mwrite /a 4096 64 -S 7\npersist /a 4096 64\n");
        assertThat(Cli.run("explore", "--script", script, "--states", "200").ok())
                .contains("clean: ");
        Cli.Result broken = Cli.run("explore", "--script", script, "--mutant", "SYNC_FLAG_DROPPED",
                "--json");
        assertThat(broken.exit()).isEqualTo(1);
        assertThat(broken.out()).contains("\"workload\": \"script\"").contains("\"replay\": \"");
    }

    @Test
    @DisplayName("The list names workloads and mutants")
    void theListNamesWhatThereIs() {
        assertThat(Cli.run("explore", "--list").ok()).contains("generic-470").contains("two-op")
                .contains("FDATASYNC_SKIPPED").contains("the test ");
    }

    @Test
    @DisplayName("A budget ends a long exploration, and what is left out is said")
    void aBudgetEndsIt() {
        assertThat(Cli.run("explore", "--workload", "one-op", "--budget", "1ms").ok())
                .contains("of 164 runs");
    }

    @Test
    @DisplayName("Bad input is refused with a reason")
    void badInputIsRefused() throws IOException {
        assertThat(Cli.run("explore", "--workload", "nothing").fails(2))
                .contains("no workload nothing").contains("--list");
        assertThat(Cli.run("explore", "--mutant", "nothing").fails(2)).contains("--list");
        assertThat(Cli.run("explore", "--mutant", "WITNESS_IGNORED").fails(2))
                .contains("the test MutantDirectedTest");
        assertThat(Cli.run("explore", "--budget", "soon").fails(2)).contains("60s");
        assertThat(Cli.run("explore", "--states", "0").fails(2)).contains("at least 1");
        assertThat(Cli.run("explore", "--replay", "x").fails(2)).contains("not a replay line");
        assertThat(Cli.run("explore", "--replay", "script:0.0:x").fails(2)).contains("--script");
        assertThat(Cli.run("explore", "--mutants", "--all").fails(2)).contains("--mutants");
        assertThat(Cli.run("explore", "--script", script("creat a\n")).fails(2))
                .contains("line 1").contains("from the root");
        assertThat(Cli.run("explore", "--script", script("fly /a\n")).fails(2))
                .contains("line 1, column 1");
        assertThat(Cli.run("explore", "--script", script("\n# nothing\n")).fails(2))
                .contains("no operations");
        assertThat(Cli.run("explore", "--script", folder.resolve("none")).fails(1))
                .contains("no such file");
    }
}
