package dev.holdfast.explore.states;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Violation;
import dev.holdfast.explore.medium.Recorder;
import dev.holdfast.file.RenameMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is done with a recovered volume to see that it still works: a file is made, written and
 * fsynced; another is stored to through a sync mapping and persisted; the first is renamed, the
 * second unlinked. Each step that has returned must be found later, and nothing else may have
 * changed. A full volume ends it early.
 */
final class Continuation {
    private static final String WRITTEN = "/holdfast-explorer-written";
    private static final String RENAMED = "/holdfast-explorer-renamed";
    private static final String MAPPED = "/holdfast-explorer-mapped";
    private static final int BYTES = 100;
    private static final byte WRITTEN_BYTE = 0x5a;
    private static final byte MAPPED_BYTE = 0x3c;

    /** A step, and from where in the trace on it must be found. */
    private enum Step { WRITE, MAP, RENAME, UNLINK }

    private record Done(Step step, long position) {}

    private final long before;
    private final List<Done> done = new ArrayList<>();

    /** Takes note of what a volume holds. */
    Continuation(Volume volume) throws IOException {
        before = listing(volume);
    }

    private static long listing(Volume volume) throws IOException {
        return Listing.of(volume, name -> name.startsWith("holdfast-explorer-"));
    }

    /** Uses the volume; {@code recorder}, which may be null, tells when each step had returned. */
    void run(Volume volume, Recorder recorder) throws IOException {
        try {
            write(volume);
            returned(Step.WRITE, recorder);
            map(volume);
            returned(Step.MAP, recorder);
            volume.rename(WRITTEN, RENAMED, RenameMode.REPLACE);
            volume.sync();
            returned(Step.RENAME, recorder);
            volume.unlink(MAPPED);
            volume.sync();
            returned(Step.UNLINK, recorder);
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.NO_SPACE) {
                throw e;
            }
        }
    }

    private void returned(Step step, Recorder recorder) {
        done.add(new Done(step, recorder == null ? 0 : recorder.mark(step.name())));
    }

    private static void write(Volume volume) throws IOException {
        byte[] bytes = new byte[BYTES];
        Arrays.fill(bytes, WRITTEN_BYTE);
        try (DaxFile file = volume.createFile(WRITTEN)) {
            file.write(ByteBuffer.wrap(bytes), 0);
            file.fsync();
        }
    }

    private static void map(Volume volume) throws IOException {
        try (DaxFile file = volume.createFile(MAPPED); Arena arena = Arena.ofConfined()) {
            file.truncate(BYTES);
            try (Mapping mapping = file.map(MapMode.SYNC, 0, BYTES)) {
                MemorySegment segment = mapping.writable(0, BYTES, arena);
                segment.fill(MAPPED_BYTE);
                mapping.persist(0, BYTES);
            }
        }
    }

    /** Requires every step done, and nothing else changed. */
    void requireAll(Volume volume) throws IOException {
        require(volume, done.size());
    }

    /** Requires the steps that had returned at a point of the recording. */
    void judge(Volume volume, CrashPoint point) throws IOException {
        int returned = 0;
        while (returned < done.size() && point.isAfter(done.get(returned).position)) {
            returned++;
        }
        require(volume, returned);
    }

    private void require(Volume volume, int returned) throws IOException {
        if (listing(volume) != before) {
            throw new Violation("what had been recovered changed while more was appended");
        }
        boolean all = returned == done.size();
        if (has(returned, Step.RENAME)) {
            requireBytes(volume, RENAMED, WRITTEN_BYTE);
            requireGone(volume, WRITTEN);
        } else if (has(returned, Step.WRITE)) {
            boolean renamed = !all && volume.exists(RENAMED);
            requireBytes(volume, renamed ? RENAMED : WRITTEN, WRITTEN_BYTE);
        }
        if (has(returned, Step.UNLINK)) {
            requireGone(volume, MAPPED);
        } else if (has(returned, Step.MAP) && (!has(returned, Step.RENAME)
                || volume.exists(MAPPED))) {
            requireBytes(volume, MAPPED, MAPPED_BYTE);
        }
    }

    private boolean has(int returned, Step step) {
        return returned > step.ordinal();
    }

    private static void requireGone(Volume volume, String path) throws IOException {
        if (volume.exists(path)) {
            throw new Violation(path + " is there after it had gone durably");
        }
    }

    private static void requireBytes(Volume volume, String path, byte expected)
            throws IOException {
        try (DaxFile file = volume.openFile(path); Arena arena = Arena.ofConfined()) {
            MemorySegment content = arena.allocate(BYTES);
            long read = file.read(content, 0);
            for (long i = 0; i < BYTES; i++) {
                if (read != BYTES || content.get(ValueLayout.JAVA_BYTE, i) != expected) {
                    throw new Violation(path + " has not what was made durable: " + read
                            + " bytes, wrong at " + i);
                }
            }
        }
    }
}
