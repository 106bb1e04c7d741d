package dev.holdfast.explore.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.explore.Bounds;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way to break the protocol is noticed, by the workload or the test that is said to. */
class MutantHuntTest {
    private static final Catalogue CATALOGUE = new Catalogue(1);

    static Stream<Mutant> withWorkloads() {
        return Stream.of(Mutant.values())
                .filter(mutant -> MutantHunt.catcher(mutant).workload() != null);
    }

    static Stream<Mutant> withTests() {
        return Stream.of(Mutant.values())
                .filter(mutant -> MutantHunt.catcher(mutant).test() != null);
    }

    @ParameterizedTest
    @MethodSource("withWorkloads")
    @DisplayName("A crash of its workload shows the mutant, and the line of it shows it again")
    void aCrashShowsTheMutant(Mutant mutant) throws IOException {
        MutantHunt.Hunt hunt = MutantHunt.hunt(mutant, CATALOGUE,
                Bounds.defaults().exhaustiveImages(32));

        assertThat(hunt.caught()).as("caught by " + hunt.catcher().workload()).isTrue();
        Replay replay = Replay.parse(hunt.finding().replay());
        if (!replay.state().isEmpty() && !replay.workload().equals("two-threads")) {
            Finding again = replay.run(CATALOGUE.named(replay.workload()), Mutants.of(mutant));
            assertThat(again).as(hunt.finding().replay()).isNotNull();
        }
    }

    @ParameterizedTest
    @MethodSource("withTests")
    @DisplayName("The test that catches the mutant exists, and turns it on")
    void theNamedTestExists(Mutant mutant) throws IOException {
        String[] name = MutantHunt.catcher(mutant).test().split("#");
        String source = Files.readString(source(name[0]));
        int method = source.indexOf("void " + name[1] + "(");
        assertThat(method).as(name[1]).isPositive();
        int annotated = source.lastIndexOf("@Test", method);
        assertThat(source.substring(annotated, method)).doesNotContain("}\n");
        int next = source.indexOf("@Test", method);
        assertThat(source.substring(method, next < 0 ? source.length() : next))
                .contains("Mutant." + mutant.name());
    }

    private static Path source(String testClass) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        root = Files.exists(root.resolve("core")) ? root : root.getParent();
        for (String module : List.of("core", "explore")) {
            try (Stream<Path> files = Files.walk(root.resolve(module + "/src/test/java"))) {
                List<Path> found = files
                        .filter(file -> file.getFileName().toString().equals(testClass + ".java"))
                        .toList();
                if (!found.isEmpty()) {
                    return found.getFirst();
                }
            }
        }
        throw new AssertionError("there is no test class " + testClass);
    }

    @Test
    @DisplayName("Every mutant has one catcher, and a workload named for it exists")
    void everyMutantHasACatcher() {
        for (Mutant mutant : Mutant.values()) {
            MutantHunt.Catcher catcher = MutantHunt.catcher(mutant);
            assertThat(catcher.workload() == null).as(mutant.name())
                    .isNotEqualTo(catcher.test() == null);
            if (catcher.workload() != null) {
                assertThat(CATALOGUE.named(catcher.workload())).as(mutant.name()).isNotNull();
            }
        }
    }
}
