package dev.holdfast.bench.nio;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** Where a benchmark runs: a volume on a directory of the host, or that directory itself. */
public enum Target {
    /** A volume on a file in the directory. */
    HOLDFAST {
        @Override
        Path open(Path host, long sizeBytes) throws IOException {
            URI uri = URI.create("holdfast://" + host.resolve("bench.hf").toAbsolutePath());
            return FileSystems.newFileSystem(uri, Map.of("create", sizeBytes)).getPath("/");
        }
    },
    /** The default file system. */
    DEFAULT {
        @Override
        Path open(Path host, long sizeBytes) {
            return host;
        }
    };

    abstract Path open(Path host, long sizeBytes) throws IOException;

    /** Opens the target in a new directory of {@code parent}. */
    Path open(String parent, long sizeBytes) throws IOException {
        return open(Files.createTempDirectory(Path.of(parent), "holdfast-bench"), sizeBytes);
    }

    /** Closes what {@link #open} opened and removes what it left on the host. */
    static void close(Path root) throws IOException {
        Path host = root;
        FileSystem fs = root.getFileSystem();
        if (fs != FileSystems.getDefault()) {
            host = Path.of(fs.toString()).getParent();
            fs.close();
        }
        try (Stream<Path> files = Files.walk(host)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
