package dev.holdfast.explore.states;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.explore.medium.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * How to get to a state: a crash of the recorded run, then perhaps a crash in the recovery from it,
 * or in what was appended after it. Written as one line without spaces, such as
 * {@code hf1/9ab3c2d1/run,412,64,newest,83200:-,83264:57/recovery,3,64,durable,8192:5}: for each
 * crash the position, the size of the pieces, what pieces are unless said otherwise, and, by device
 * offset, the version of each other one, {@code -} for durable. The first number tells recordings
 * apart.
 */
record StatePath(String recording, List<Crash> crashes) {
    private static final String FORMAT = "hf1";
    private static final String DURABLE = "-";

    /** What crashed. */
    enum Phase { RUN, RECOVERY, APPEND, USE }

    /**
     * A crash.
     *
     * @param newest whether the pieces not in {@code others} are newest; else durable
     * @param others cutoffs by offset
     */
    record Crash(Phase phase, int position, int pieceBytes, boolean newest,
            Map<Integer, Integer> others) {}

    /** Not a crash: the volume is used, closed, and mounted again. */
    static final Crash USE = new Crash(Phase.USE, 0, DaxDevice.LINE_BYTES, false, Map.of());

    /** Returns what tells a trace from others. */
    static String fingerprint(Trace trace) {
        CRC32C crc = new CRC32C();
        crc.update(trace.contents(), 0, trace.versions() * DaxDevice.LINE_BYTES);
        for (int event = 0; event < trace.events(); event++) {
            crc.update(trace.event(event).ordinal());
        }
        return Long.toHexString(crc.getValue());
    }

    /** Describes what a state has chosen, from whichever side is shorter. */
    static Crash crash(Phase phase, ImageState state) {
        Crash fromNewest = crash(phase, state, true);
        Crash fromDurable = crash(phase, state, false);
        return fromDurable.others.size() <= fromNewest.others.size() ? fromDurable : fromNewest;
    }

    /** Describes what a state has chosen, by what is not newest, or not durable. */
    static Crash crash(Phase phase, ImageState state, boolean newest) {
        Pieces pieces = state.pieces();
        Map<Integer, Integer> others = new TreeMap<>();
        for (int piece = 0; piece < pieces.count(); piece++) {
            int option = state.choice(piece);
            if (option != (newest ? pieces.newest(piece) : 0)) {
                others.put(pieces.offset(piece), pieces.cutoff(piece, option));
            }
        }
        return new Crash(phase, state.cursor().position(), pieces.bytes(), newest, others);
    }

    /** Makes a state show this crash. */
    static void choose(ImageState state, Crash crash) {
        Pieces pieces = state.pieces();
        if (crash.newest) {
            state.chooseNewest();
        } else {
            state.chooseNone();
        }
        crash.others.forEach((offset, cutoff) -> {
            int piece = pieces.at(offset);
            int option = piece < 0 ? Pieces.NONE : pieces.option(piece, cutoff);
            if (option < 0) {
                throw new IllegalArgumentException("nothing of version " + cutoff
                        + " was in flight at byte " + offset + " at position " + crash.position
                        + ": the replay line is of another recording");
            }
            state.choose(piece, option);
        });
    }

    Crash last() {
        return crashes.getLast();
    }

    StatePath then(Crash crash) {
        List<Crash> more = new ArrayList<>(crashes);
        more.add(crash);
        return new StatePath(recording, more);
    }

    /** Returns this path with another crash at an index. */
    StatePath with(int index, Crash crash) {
        List<Crash> changed = new ArrayList<>(crashes);
        changed.set(index, crash);
        return new StatePath(recording, changed);
    }

    static StatePath parse(String line) {
        String[] parts = line.strip().split("/");
        if (parts.length < 3 || !parts[0].equals(FORMAT)) {
            throw new IllegalArgumentException("not a replay line of this version: " + line);
        }
        List<Crash> crashes = new ArrayList<>();
        for (String part : Arrays.asList(parts).subList(2, parts.length)) {
            crashes.add(parseCrash(part));
        }
        return new StatePath(parts[1], crashes);
    }

    private static Crash parseCrash(String part) {
        String[] fields = part.split(",");
        try {
            Map<Integer, Integer> others = new TreeMap<>();
            for (int i = 4; i < fields.length; i++) {
                int colon = fields[i].indexOf(':');
                String cutoff = fields[i].substring(colon + 1);
                others.put(Integer.valueOf(fields[i].substring(0, colon)),
                        cutoff.equals(DURABLE) ? Pieces.NONE : Integer.parseInt(cutoff));
            }
            return new Crash(Phase.valueOf(fields[0].toUpperCase(Locale.ROOT)),
                    Integer.parseInt(fields[1]), Integer.parseInt(fields[2]),
                    fields[3].equals("newest"), others);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("not a crash of a replay line: " + part, e);
        }
    }

    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(FORMAT).append('/').append(recording);
        for (Crash crash : crashes) {
            line.append('/').append(crash.phase.name().toLowerCase(Locale.ROOT))
                    .append(',').append(crash.position).append(',').append(crash.pieceBytes)
                    .append(crash.newest ? ",newest" : ",durable");
            crash.others.forEach((offset, cutoff) -> line.append(',').append(offset).append(':')
                    .append(cutoff == Pieces.NONE ? DURABLE : cutoff.toString()));
        }
        return line.toString();
    }
}
