package dev.holdfast.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The mounts of volumes that this process sees, from {@code /proc/self/mountinfo}. */
public final class MountTable {
    static final String TYPE = "fuse.holdfast";
    private static final Path FILE = Path.of("/proc/self/mountinfo");
    private static final int DIRECTORY_FIELD = 4;

    /**
     * A mounted volume.
     *
     * @param directory where
     * @param source the volume's name
     */
    public record Entry(Path directory, String source) {}

    private MountTable() {}

    /** Returns every mounted volume, the newest last. */
    public static List<Entry> entries() throws IOException {
        return Files.readAllLines(FILE).stream().map(MountTable::entry)
                .flatMap(Optional::stream).toList();
    }

    /** Returns the volume mounted at a directory, the topmost if there are several. */
    public static Optional<Entry> at(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        return entries().reversed().stream()
                .filter(entry -> entry.directory.equals(absolute)).findFirst();
    }

    /**
     * Reads: id, parent, device, root, directory, options, tags up to "-", type, source, options.
     */
    static Optional<Entry> entry(String line) {
        int dash = line.indexOf(" - ");
        String[] head = line.split(" ");
        String[] tail = dash < 0 ? head : line.substring(dash + 3).split(" ");
        if (dash < 0 || head.length <= DIRECTORY_FIELD || tail.length < 2
                || !tail[0].equals(TYPE)) {
            return Optional.empty();
        }
        return Optional.of(new Entry(Path.of(unescaped(head[DIRECTORY_FIELD])),
                unescaped(tail[1])));
    }

    /** The kernel writes space, tab, newline and backslash as octal numbers. */
    private static String unescaped(String field) {
        return field.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
