package dev.holdfast.cli.demo;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileType;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Kills a process in mid-stride while it copies a directory tree, recovers its volume, and compares
 * it with what the process had acknowledged.
 *
 * <ol>
 *   <li>A {@link KillChild} is started; it says of each file when it is safe.
 *   <li>After a given number of acknowledgements it gets SIGKILL; what it still said counts.
 *   <li>The volume is opened, which recovers it, and every acknowledged file compared, byte by
 *   byte.
 * </ol>
 */
final class SigKill {
    private static final long VOLUME_BYTES = 32 << 20;

    /**
     * What came of it.
     *
     * @param files files in the tree
     * @param acknowledged files the child said were safe
     * @param found files in the volume, those never acknowledged included
     * @param lost acknowledged files that are missing or differ
     * @param recoveryNanos time that opening the volume took
     */
    record Outcome(int files, int acknowledged, int found, int lost, long recoveryNanos) {}

    private final Path tree;
    private final Path folder;

    /** Copies files of {@code tree} to a volume made in {@code folder}, and removes it after. */
    SigKill(Path tree, Path folder) {
        this.tree = tree;
        this.folder = folder;
    }

    /**
     * Runs it once.
     *
     * @param share which part of the files is acknowledged before the kill, 0 to 1
     * @param early how many files the child acknowledges before they are safe; 0 but for the
     *     control
     */
    Outcome run(double share, int early) throws IOException {
        List<Path> files = SourceTree.files(tree);
        Path volume = Files.createTempFile(folder, "holdfast-demo", ".volume");
        Files.delete(volume);
        try {
            int after = Math.max(1, (int) (files.size() * share));
            int acknowledged = Math.min(files.size(), kill(volume, after, early));
            return compare(volume, files, acknowledged);
        } finally {
            Files.deleteIfExists(volume);
        }
    }

    /** Returns how many files the child had acknowledged when it was gone. */
    private int kill(Path volume, int after, int early) throws IOException {
        Process child = new ProcessBuilder(command(volume, early))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        int acknowledged = 0;
        try (BufferedReader lines = child.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                // Numbers in order are acknowledgements; anything else is a JVM that complains.
                if (!line.equals(Integer.toString(acknowledged))) {
                    throw new IOException("the process to be killed said " + line);
                }
                acknowledged++;
                if (acknowledged == after) {
                    // Process.destroyForcibly would throw away what the child still said.
                    child.toHandle().destroyForcibly();
                }
            }
        } finally {
            child.destroyForcibly();
            child.onExit().join();
        }
        if (acknowledged < after) {
            throw new IOException("the process to be killed ended by itself, with code "
                    + child.exitValue() + ", after " + acknowledged + " files");
        }
        return acknowledged;
    }

    private List<String> command(Path volume, int early) {
        String modules = System.getProperty("jdk.module.path");
        boolean modular = KillChild.class.getModule().isNamed() && modules != null;
        String core = modular ? "dev.holdfast.core" : "ALL-UNNAMED";
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-DelayCompilerStubsGeneration", "-XX:+UseSerialGC", "-XX:-UsePerfData",
                "--enable-native-access=" + core,
                "--add-exports", "java.base/jdk.internal.misc=" + core));
        if (modular) {
            command.addAll(List.of("-p", modules, "-m",
                    KillChild.class.getModule().getName() + "/" + KillChild.class.getName()));
        } else {
            command.addAll(List.of("-cp", System.getProperty("java.class.path"),
                    KillChild.class.getName()));
        }
        command.addAll(List.of(volume.toString(), Long.toString(VOLUME_BYTES), tree.toString(),
                Integer.toString(early)));
        return command;
    }

    private Outcome compare(Path path, List<Path> files, int acknowledged)
            throws IOException {
        long begin = System.nanoTime();
        try (Volume volume = Volume.open(path)) {
            long recoveryNanos = System.nanoTime() - begin;
            int found = volume.exists(SourceTree.TARGET)
                    ? filesBelow(volume, SourceTree.TARGET) : 0;
            int lost = 0;
            for (int i = 0; i < acknowledged; i++) {
                Path file = files.get(i);
                lost += isSame(volume, SourceTree.target(tree, file), file) ? 0 : 1;
            }
            return new Outcome(files.size(), acknowledged, found, lost, recoveryNanos);
        }
    }

    private static int filesBelow(Volume volume, String directory) throws IOException {
        int files = 0;
        for (DirectoryEntry entry : volume.list(directory)) {
            files += entry.type() == FileType.DIRECTORY
                    ? filesBelow(volume, directory + "/" + entry.name()) : 1;
        }
        return files;
    }

    private static boolean isSame(Volume volume, String path, Path source) throws IOException {
        byte[] wanted = Files.readAllBytes(source);
        ByteBuffer content = ByteBuffer.allocate(wanted.length);
        try (DaxFile file = volume.openFile(path)) {
            if (file.size() != wanted.length) {
                return false;
            }
            file.read(content, 0);
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return false;
            }
            throw e;
        }
        return !content.hasRemaining() && Arrays.equals(content.array(), wanted);
    }
}
