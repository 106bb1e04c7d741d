package dev.holdfast.fuse;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.CreateOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process of its own that serves a mount, so that a test can kill it. */
final class MountProcess implements AutoCloseable {
    private static final String READY = "ready";
    private static final int LIMIT_SECONDS = 60;

    private final Process process;
    private final Path directory;

    MountProcess(Path volume, Path directory) throws IOException {
        this(volume, directory, "");
    }

    MountProcess(Path volume, Path directory, String how) throws IOException {
        this(directory, new ProcessBuilder(
                java(MountProcess.class, volume.toString(), directory.toString(), how)));
    }

    /** Starts a process that says when it serves a mount at {@code directory}. */
    MountProcess(Path directory, ProcessBuilder builder) throws IOException {
        this.directory = directory;
        process = builder.redirectErrorStream(true).start();
        BufferedReader said = process.inputReader();
        StringBuilder text = new StringBuilder();
        for (String line = said.readLine(); !READY.equals(line); line = said.readLine()) {
            if (line == null) {
                throw new IOException("the process ended: " + text);
            }
            text.append(line).append('\n');
        }
    }

    /**
     * Returns the command that runs a class of these tests; it needs what it mounts with, no more.
     */
    static List<String> java(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp", String.join(":", classPath().stream().map(Path::toString).toList()),
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Returns where the classes of these tests, of the mount and of the core are. */
    static List<Path> classPath() {
        return Stream.of(MountProcess.class, FuseMount.class, Volume.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
                .map(Path::of).distinct().toList();
    }

    static void makeVolume(Path volume, long bytes) throws IOException {
        Volume.create(volume, bytes, CreateOptions.defaults().withSparse(true),
                VolumeOptions.defaults()).close();
    }

    /** Serves until unmounted, or told by a signal to end. */
    public static void main(String[] arguments) throws Exception {
        try (Volume volume = Volume.open(Path.of(arguments[0]))) {
            FuseOptions options = arguments[2].equals("writeback")
                    ? FuseOptions.defaults().writeback() : FuseOptions.defaults();
            FuseMount mount = FuseMount.mount(volume, Path.of(arguments[1]), options);
            System.out.println(READY);
            mount.awaitUnmount();
            mount.close();
        }
    }

    /** Kills the process at once, as by SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    Process process() {
        return process;
    }

    /** Ends the process, however it stands, and takes the dead mount away. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the process does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (MountTable.at(directory).isPresent()) {
            Mounter.unmount(directory, true);
        }
    }

    static void deleteAll(Path... paths) throws IOException {
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
