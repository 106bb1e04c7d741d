package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs what the documents tell readers to type. Every fence marked exactly {@code sh} in README.md
 * and docs/*.md is a script; the fences of one document run in order in one empty folder that holds
 * {@code ./holdfast}, each line must succeed. Fences with any other mark ({@code console}, {@code
 * sh norun}) are not run: those that install, need root, or build the project.
 */
class DocsTest {
    @TempDir
    private Path folder;

    /**
     * A script in a document.
     *
     * @param firstLine line number of its first line
     */
    record Fence(int firstLine, String script) {}

    @TestFactory
    Stream<DynamicTest> everyCommandOfTheDocumentsWorks() throws IOException {
        Path root = Shell.sourceRoot();
        List<Path> documents = new ArrayList<>();
        documents.add(root.resolve("README.md"));
        try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
            docs.filter(doc -> doc.toString().endsWith(".md")).sorted().forEach(documents::add);
        }
        List<DynamicTest> tests = new ArrayList<>();
        for (Path document : documents) {
            if (Files.exists(document)) {
                addTests(root, document, tests);
            }
        }
        return tests.stream();
    }

    private void addTests(Path root, Path document, List<DynamicTest> tests) throws IOException {
        List<Fence> fences = fences(Files.readAllLines(document));
        Path place = folder.resolve(document.getFileName().toString());
        for (Fence fence : fences) {
            String name = root.relativize(document) + ":" + fence.firstLine();
            tests.add(DynamicTest.dynamicTest(name, () -> run(root, place, name, fence)));
        }
    }

    private static void run(Path root, Path place, String name, Fence fence) throws Exception {
        if (!Files.exists(place)) {
            Files.createDirectories(place);
            Files.createSymbolicLink(place.resolve("holdfast"), root.resolve("holdfast"));
        }
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("HOLDFAST_JAVA_HOME", System.getProperty("java.home"));
        environment.put("HOLDFAST_CLASS_PATH", System.getProperty("java.class.path"));
        Shell.Result result = Shell.run(place, environment, List.of("bash", "-euxo", "pipefail",
                "-c", fence.script()));
        assertThat(result.exit()).as("%s failed%n%s%n%s", name, result.err(), result.out())
                .isZero();
    }

    static List<Fence> fences(List<String> lines) {
        List<Fence> fences = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String mark = lines.get(i).strip();
            if (!mark.startsWith("```")) {
                continue;
            }
            int first = ++i;
            StringBuilder script = new StringBuilder();
            while (i < lines.size() && !lines.get(i).strip().equals("```")) {
                script.append(lines.get(i++)).append('\n');
            }
            if (mark.equals("```sh")) {
                fences.add(new Fence(first + 1, script.toString()));
            }
        }
        return fences;
    }

    @Test
    void takesOnlyFencesMarkedSh() {
        List<Fence> fences = fences(List.of(
                "text", "```sh", "a", "b", "```", "```console", "c", "```", "```", "d", "```",
                        "```sh norun", "e", "```"));

        assertThat(fences).containsExactly(new Fence(3, "a\nb\n"));
    }

    @Test
    void seesACommandThatFailsAndOneThatWorks() throws Exception {
        Path root = Shell.sourceRoot();

        run(root, folder.resolve("good"), "good", new Fence(1,
                "./holdfast --version | grep holdfast\n"));

        assertThat(catchThrowable(
                () -> run(root, folder.resolve("bad"), "bad.md:7", new Fence(7,
                        "./holdfast bogus\ntrue\n"))))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("bad.md:7 failed")
                .hasMessageContaining("bogus");
    }
}
