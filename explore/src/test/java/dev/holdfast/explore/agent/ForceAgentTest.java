package dev.holdfast.explore.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent, in a JVM of its own: it changes a class of the JDK. */
class ForceAgentTest {
    private static final int LIMIT_SECONDS = 60;

    @TempDir
    private Path folder;

    /** A jar that names the agent; the class itself is on the class path. */
    private Path agent() throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Premain-Class", ForceAgent.class.getName());
        main.putValue("Can-Retransform-Classes", "true");
        Path jar = folder.resolve("agent.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }

    private Process run(String test, Path out) throws Exception {
        return new ProcessBuilder(System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1", "-javaagent:" + agent(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"),
                "dev.holdfast.explore.junit.Launched", test)
                .redirectErrorStream(true).redirectOutput(out.toFile()).start();
    }

    @Test
    void withItTheForceOfAMappedBufferIsAPersist() throws Exception {
        Path out = folder.resolve("out");
        Process process = run("com.example.BufferJournalCrash", out);
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        assertThat(process.exitValue()).as(Files.readString(out)).isZero();
    }

    @Test
    void withoutItNothingIsInstalled() {
        List<String> arguments = ManagementFactory.getRuntimeMXBean()
                .getInputArguments();

        assertThat(arguments).noneMatch(argument -> argument.startsWith("-javaagent"));
        assertThat(Forces.areHeard()).isFalse();
    }
}
