package dev.holdfast.explore.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.explore.junit.Acknowledged;
import dev.holdfast.explore.junit.Acks;
import dev.holdfast.explore.junit.CrashTest;
import dev.holdfast.explore.junit.Recover;
import dev.holdfast.explore.junit.Workload;
import dev.holdfast.nio.Holdfast;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent, in a JVM of its own: it changes a class of the JDK. */
class ForceAgentTest {
    private static final int LIMIT_SECONDS = 60;
    private static final long PAGE = 4096;

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

    /** Maps a segment, and forces what it stores, or does not. */
    abstract static class Segments {
        abstract void store(MemorySegment segment, long offset);

        @Workload
        void work(Volume volume, Acks acks) throws IOException {
            FileSystem files = Holdfast.newFileSystem(volume);
            try (FileChannel channel = FileChannel.open(files.getPath("/file"),
                            StandardOpenOption.CREATE, StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment segment = channel.map(MapMode.READ_WRITE, 0, 3 * PAGE, arena);
                store(segment, 0);
                // Across two pages.
                store(segment, 2 * PAGE - 1);
                acks.ack("stored");
            }
        }

        @Recover
        void recovered(Volume volume, Acknowledged acks) throws IOException {
            if (acks.contains("stored")) {
                try (DaxFile file = volume.openFile("/file"); Arena arena = Arena.ofConfined()) {
                    MemorySegment content = arena.allocate(3 * PAGE);
                    file.read(content, 0);
                    for (long offset : new long[] {0, 1, 2 * PAGE - 1, 2 * PAGE}) {
                        assertThat(content.get(ValueLayout.JAVA_BYTE, offset)).isEqualTo((byte) 1);
                    }
                }
            }
        }
    }

    @Disabled("by its name, in a JVM with the agent")
    @CrashTest
    static class Forced extends Segments {
        @Override
        void store(MemorySegment segment, long offset) {
            segment.asSlice(offset, 2).fill((byte) 1).force();
        }
    }

    @Disabled("by its name, in a JVM with the agent")
    @CrashTest
    static class NotForced extends Segments {
        @Override
        void store(MemorySegment segment, long offset) {
            segment.asSlice(offset, 2).fill((byte) 1);
        }
    }

    private Process run(Path out, String... tests) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1", "-javaagent:" + agent(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"),
                "dev.holdfast.explore.junit.Launched"));
        command.addAll(List.of(tests));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile())
                .start();
    }

    @Test
    void withItTheForceOfMappedMemoryIsAPersist() throws Exception {
        Path out = folder.resolve("out");
        Process process = run(out, "com.example.BufferJournalCrash", Forced.class.getName(),
                NotForced.class.getName());
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        assertThat(Files.readString(out))
                .contains("com.example.BufferJournalCrash: 1 run, 0 failed")
                .contains("$Forced: 1 run, 0 failed")
                .contains("$NotForced: 1 run, 1 failed\na power cut breaks NotForced")
                .doesNotContain("Not seen");
    }

    @Test
    void withoutItNothingIsInstalled() {
        List<String> arguments = ManagementFactory.getRuntimeMXBean()
                .getInputArguments();

        assertThat(arguments).noneMatch(argument -> argument.startsWith("-javaagent"));
        assertThat(Forces.areHeard()).isFalse();
    }
}
