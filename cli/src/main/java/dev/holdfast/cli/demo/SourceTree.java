package dev.holdfast.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files of a real directory tree, in the same order for everybody who asks. */
final class SourceTree {
    private static final long FILE_MAX_BYTES = 1 << 20;
    private static final long TOTAL_MAX_BYTES = 12 << 20;
    private static final int MAX_FILES = 400;
    /** The root of the tree in the volume. */
    static final String TARGET = "/tree";

    private SourceTree() {}

    /** Returns the tree that everybody has: that of the JDK this runs on. */
    static Path ofJdk() {
        return Path.of(System.getProperty("java.home"));
    }

    /** Returns the readable regular files of up to 1 MiB, no more than 12 MiB together. */
    static List<Path> files(Path root) throws IOException {
        List<Path> sorted;
        try (var all = Files.walk(root)) {
            sorted = all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && Files.isReadable(file)).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        List<Path> chosen = new ArrayList<>();
        long total = 0;
        for (Path file : sorted) {
            long size = Files.size(file);
            if (size <= FILE_MAX_BYTES && total + size <= TOTAL_MAX_BYTES
                    && chosen.size() < MAX_FILES) {
                chosen.add(file);
                total += size;
            }
        }
        return chosen;
    }

    /** Returns where in the volume a file of the tree goes. */
    static String target(Path root, Path file) {
        return TARGET + "/" + root.relativize(file);
    }
}
