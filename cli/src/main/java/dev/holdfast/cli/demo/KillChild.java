package dev.holdfast.cli.demo;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The process that the demo kills: copies a directory tree into a new volume, each file through a
 * sync mapping, and acknowledges each on standard output when it is persisted. Never syncs.
 */
public final class KillChild {
    private KillChild() {}

    /**
     * Runs the copy.
     *
     * @param arguments the volume to make, its size in bytes, the tree, and how many files to
     *     acknowledge too early: 0, or as the control does
     */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[2]);
        List<Path> files = SourceTree.files(root);
        int early = Integer.parseInt(arguments[3]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        try (Volume volume = Volume.create(Path.of(arguments[0]), Long.parseLong(arguments[1]))) {
            Set<String> made = new HashSet<>();
            for (int i = 0; i < early; i++) {
                out.println(i);
            }
            for (int i = 0; i < files.size() - early; i++) {
                String target = SourceTree.target(root, files.get(i));
                makeParent(volume, target, made);
                copy(volume, files.get(i), target);
                out.println(i + early);
            }
            // Nothing more to do but to be killed: a clean close would be another story. The
            // control stays behind what it said, however late the signal comes.
            while (System.in.read() >= 0) {
                continue;
            }
            Runtime.getRuntime().halt(0);
        }
    }

    private static void makeParent(Volume volume, String path, Set<String> made)
            throws IOException {
        String parent = path.substring(0, path.lastIndexOf('/'));
        if (!parent.isEmpty() && made.add(parent)) {
            makeParent(volume, parent, made);
            volume.createDirectory(parent);
        }
    }

    private static void copy(Volume volume, Path source, String target) throws IOException {
        byte[] content = Files.readAllBytes(source);
        try (DaxFile file = volume.createFile(target)) {
            file.truncate(content.length);
            if (content.length == 0) {
                file.fsync();
                return;
            }
            try (Mapping mapping = file.map(MapMode.SYNC, 0, content.length);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment.copy(MemorySegment.ofArray(content), 0,
                        mapping.writable(0, content.length, arena), 0, content.length);
                mapping.persist(0, content.length);
            }
        }
    }
}
