package dev.holdfast;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.RenameMode;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A process that works on a volume, and says what was acknowledged, until it is killed. */
final class KilledWorker {
    static final int RECORD_BYTES = 64;
    static final int LOG_BYTES = 4 << 20;
    static final int FILES = 24;

    private KilledWorker() {}

    public static void main(String[] arguments) throws Exception {
        Volume volume = Volume.open(Path.of(arguments[0]));
        // Not shared with tests: this process has no other output than its acknowledgements.
        PrintStream out = new PrintStream(System.out, true);
        DaxFile log = openOrCreate(volume);
        Mapping mapping = log.map(MapMode.SYNC, 0, LOG_BYTES);
        out.println("ready " + ProcessHandle.current().pid());
        for (long i = Long.parseLong(arguments[1]); (i + 1) * RECORD_BYTES <= LOG_BYTES; i++) {
            step(volume, mapping, i);
            out.println(i);
        }
    }

    private static DaxFile openOrCreate(Volume volume) throws Exception {
        if (volume.exists("/log")) {
            return volume.openFile("/log");
        }
        DaxFile log = volume.createFile("/log");
        log.truncate(LOG_BYTES);
        return log;
    }

    /** Appends to the log by a sync mapping; then makes, grows, renames or removes a file. */
    private static void step(Volume volume, Mapping mapping, long i) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            mapping.writable(i * RECORD_BYTES, 8, arena).set(ValueLayout.JAVA_LONG, 0, i + 1);
            mapping.persist(i * RECORD_BYTES, 8);
        }
        String fresh = "/new" + i % FILES;
        try (DaxFile file = volume.exists(fresh)
                ? volume.openFile(fresh) : volume.createFile(fresh)) {
            file.truncate(i % 3 * 1000);
            file.append(ByteBuffer.wrap(content(i)));
            file.fsync();
        }
        volume.rename(fresh, "/file" + i % FILES, RenameMode.REPLACE);
        if (i % 7 == 0) {
            removeQuietly(volume, "/file" + (i + 1) % FILES);
        }
        volume.awaitDurable(volume.changeLsn());
    }

    private static void removeQuietly(Volume volume, String path) throws Exception {
        try {
            volume.unlink(path);
        } catch (HoldfastException gone) {
            return;
        }
    }

    /** What the file of step {@code i} ends with. */
    static byte[] content(long i) {
        return ("step " + i).repeat(1
                + (int) (i % 500)).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
