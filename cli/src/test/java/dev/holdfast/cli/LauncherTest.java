package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script at the top of the tree, with made-up JDKs and a made-up Maven. */
class LauncherTest {
    private static final String[] TOOLS = {
        "bash", "readlink", "find", "flock", "mkdir", "mv", "rm", "sed", "head", "cat", "env", "cp",
                "touch"
    };

    @TempDir
    private Path folder;

    private Path bin;
    private Path jdks;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void prepareAMachineWithoutJava() throws IOException {
        bin = Files.createDirectories(folder.resolve("bin"));
        jdks = Files.createDirectories(folder.resolve("jdks"));
        for (String tool : TOOLS) {
            Path found = List.of("/usr/bin/", "/bin/").stream().map(place -> Path.of(place + tool))
                    .filter(Files::exists).findFirst().orElseThrow();
            Files.createSymbolicLink(bin.resolve(tool), found);
        }
        environment.put("PATH", bin.toString());
        environment.put("HOLDFAST_JDK_FOLDERS", jdks.toString());
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/usr/bin/env bash\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Makes a JDK whose java prints its arguments, with or without a release file. */
    private Path jdk(String name, String version, boolean hasReleaseFile) throws IOException {
        Path home = jdks.resolveSibling(name.contains("/") ? name : "jdks/" + name);
        script(home.resolve("bin/java"), "if [ \"$1\" = -version ]; then\n"
                + "echo 'openjdk version \"" + version
                        + "\" 2026-01-01' >&2\nelse printf '%s\\n' \"$@\"; fi");
        script(home.resolve("bin/javac"), "exit 1");
        if (hasReleaseFile) {
            Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\""
                    + version + "\"\n");
        }
        return home;
    }

    private Shell.Result launch(Path script, String... arguments) throws Exception {
        return Shell.run(folder, environment,
                Stream.concat(Stream.of(script.toString()),
                        Stream.of(arguments)).toList());
    }

    private Shell.Result whichJdk() throws Exception {
        return launch(Shell.sourceRoot().resolve("holdfast"), "--which-jdk");
    }

    @Test
    void saysPlainlyThatNoJdkIsThereAndHowToGetOne() throws Exception {
        jdk("java-17", "17.0.2", true);

        Shell.Result result = whichJdk();

        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("no JDK 25 or newer found").contains("adoptium.net")
                .contains("HOLDFAST_JAVA_HOME");
    }

    @Test
    void findsAJdkInTheUsualFolders() throws Exception {
        jdk("java-17", "17.0.2", true);
        Path fit = jdk("java-25", "25", true);
        Files.createDirectories(jdks.resolve("java-26-without-anything"));

        assertThat(whichJdk().out()).isEqualTo(fit + "\n");
    }

    @Test
    void asksJavaWhereThereIsNoReleaseFile() throws Exception {
        jdk("java-1.8", "1.8.0_401", false);
        Path fit = jdk("java-27", "27-ea", false);

        assertThat(whichJdk().out()).isEqualTo(fit + "\n");
    }

    @Test
    void doesNotTakeARuntimeWithoutACompiler() throws Exception {
        Path runtime = jdk("jre-25", "25.0.1", true);
        Files.delete(runtime.resolve("bin/javac"));

        assertThat(whichJdk().exit()).isEqualTo(1);
    }

    @Test
    void prefersItsOwnVariableThenJavaHomeThenPathThenFolders() throws Exception {
        Path inFolders = jdk("java-25", "25", true);
        assertThat(whichJdk().out()).isEqualTo(inFolders + "\n");

        Path onPath = jdk("elsewhere/path jdk", "25.0.1", true);
        Files.createSymbolicLink(bin.resolve("java"), onPath.resolve("bin/java"));
        assertThat(whichJdk().out()).isEqualTo(onPath.toRealPath() + "\n");

        Path javaHome = jdk("elsewhere/home", "26", true);
        environment.put("JAVA_HOME", javaHome.toString());
        assertThat(whichJdk().out()).isEqualTo(javaHome + "\n");

        Path own = jdk("elsewhere/own", "27", true);
        environment.put("HOLDFAST_JAVA_HOME", own.toString());
        assertThat(whichJdk().out()).isEqualTo(own + "\n");
    }

    @Test
    void passesOverAnOldJavaHomeButNotOverAnOldChoiceOfTheUser() throws Exception {
        Path old = jdk("elsewhere/old", "21.0.5", true);
        Path fit = jdk("java-25", "25", true);
        environment.put("JAVA_HOME", old.toString());
        assertThat(whichJdk().out()).isEqualTo(fit + "\n");

        environment.put("HOLDFAST_JAVA_HOME", old.toString());
        Shell.Result result = whichJdk();
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains("HOLDFAST_JAVA_HOME=" + old
                + " is not a JDK 25 or newer");
    }

    /** Makes a small source tree around a copy of the launcher. */
    private Path tree() throws IOException {
        Path tree = Files.createDirectories(folder.resolve("the tree"));
        Files.copy(Shell.sourceRoot().resolve("holdfast"), tree.resolve("holdfast"));
        for (String file : List.of("pom.xml", "core/pom.xml", "core/src/main/A.java", "cli/pom.xml",
                "cli/src/main/B.java")) {
            Files.createDirectories(tree.resolve(file).getParent());
            Files.writeString(tree.resolve(file), "x");
        }
        return tree;
    }

    private void maven(Path tree, String then) throws IOException {
        script(bin.resolve("mvn"), "echo build >>'" + folder + "/builds'\n"
                + "mkdir -p '" + tree + "/cli/target/lib'\n" + then);
    }

    private long builds() throws IOException {
        return Files.readAllLines(folder.resolve("builds")).size();
    }

    @Test
    void saysPlainlyThatMavenIsMissing() throws Exception {
        jdk("java-25", "25", true);

        Shell.Result result = launch(tree().resolve("holdfast"), "--version");

        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains("Maven is needed").contains("maven.apache.org");
    }

    @Test
    void buildsOnceAndAgainOnlyWhenSourcesChanged() throws Exception {
        jdk("java-25", "25", true);
        Path tree = tree();
        maven(tree, "echo chatter");

        Shell.Result first = launch(tree.resolve("holdfast"), "info", "a b");
        Shell.Result second = launch(tree.resolve("holdfast"), "info");

        assertThat(first.exit()).as(first.err()).isZero();
        assertThat(first.err()).contains("building (once)…").contains("chatter");
        assertThat(first.out()).doesNotContain("chatter")
                .endsWith("dev.holdfast.cli/dev.holdfast.cli.Main\ninfo\na b\n")
                .contains("--enable-native-access=dev.holdfast.core\n")
                .contains("java.base/jdk.internal.misc=dev.holdfast.core\n");
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isEqualTo(1);

        Files.setLastModifiedTime(tree.resolve("core/src/main/A.java"),
                FileTime.fromMillis(System.currentTimeMillis() + 60_000));
        launch(tree.resolve("holdfast"), "info");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void buildsAgainAfterABuildThatFailed() throws Exception {
        jdk("java-25", "25", true);
        Path tree = tree();
        maven(tree, "exit 3");
        Shell.Result failed = launch(tree.resolve("holdfast"), "info");
        assertThat(failed.exit()).isEqualTo(1);
        assertThat(failed.err()).contains("the build failed");

        maven(tree, "exit 0");
        assertThat(launch(tree.resolve("holdfast"), "info").exit()).isZero();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void startedTwiceAtOnceItBuildsOnce() throws Exception {
        jdk("java-25", "25", true);
        Path tree = tree();
        // The build goes on until all three have come to the lock.
        Path flock = bin.resolve("flock");
        Path realFlock = Files.readSymbolicLink(flock);
        Files.delete(flock);
        script(flock, "echo come >>'" + folder + "/comers'\nexec " + realFlock + " \"$@\"");
        maven(tree, "until mapfile -t comers <'" + folder
                + "/comers'; [ ${#comers[@]} = 3 ]; do :; done");
        Callable<Shell.Result> start = () -> launch(tree.resolve("holdfast"), "info");

        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            for (Future<Shell.Result> result : threads.invokeAll(List.of(start, start, start))) {
                assertThat(result.get().exit()).as(result.get().err()).isZero();
            }
        }
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void worksThroughASymbolicLinkFromAnyFolder() throws Exception {
        jdk("java-25", "25", true);
        Path tree = tree();
        maven(tree, "exit 0");
        Path link = Files.createSymbolicLink(folder.resolve("link"), tree.resolve("holdfast"));

        Shell.Result result = launch(link, "info");

        assertThat(result.exit()).as(result.err()).isZero();
        assertThat(result.out()).contains(tree.toRealPath() + "/cli/target/lib:");
    }
}
