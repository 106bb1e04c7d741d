package dev.holdfast.cli;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Stores a record that no crash can lose once it is persisted, and finds it again. */
class FirstRecord {
    public static void main(String[] args) throws IOException {
        Path path = Path.of(args[0]);

        try (Volume volume = Volume.create(path, 64 << 20);
                DaxFile log = volume.createFile("/log")) {
            log.truncate(1 << 20);
            try (Mapping mapping = log.map(MapMode.SYNC, 0, 1 << 20);
                    Arena arena = Arena.ofConfined()) {
                // When this returns, what finds these bytes after a crash is durable:
                MemorySegment record = mapping.writable(4096, 64, arena);
                record.setString(0, "here to stay");
                // and now the bytes are. No fsync.
                mapping.persist(4096, 64);
            }
        }

        try (Volume volume = Volume.open(path);
                DaxFile log = volume.openFile("/log");
                Mapping mapping = log.map(MapMode.READ_ONLY, 0, log.size())) {
            System.out.println(mapping.readable(4096, 64).getString(0));
        }
    }
}
