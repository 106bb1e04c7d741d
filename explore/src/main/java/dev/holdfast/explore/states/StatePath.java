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
    enum Phase { RUN, RECOVERY, APPEND }

    /**
     * A crash.
     *
     * @param newest whether the pieces not in {@code others} are newest; else durable
     * @param others cutoffs by offset
     */
    record Crash(Phase phase, int position, int pieceBytes, boolean newest,
            Map<Integer, Integer> others) {}

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
        Pieces pieces = state.pieces();
        Map<Integer, Integer> fromNewest = new TreeMap<>();
        Map<Integer, Integer> fromDurable = new TreeMap<>();
        for (int piece = 0; piece < pieces.count(); piece++) {
            int option = state.choice(piece);
            if (option != pieces.newest(piece)) {
                fromNewest.put(pieces.offset(piece), pieces.cutoff(piece, option));
            }
            if (option != 0) {
                fromDurable.put(pieces.offset(piece), pieces.cutoff(piece, option));
            }
        }
        boolean newest = fromNewest.size() < fromDurable.size();
        return new Crash(phase, state.cursor().position(), pieces.bytes(), newest,
                newest ? fromNewest : fromDurable);
    }

    StatePath then(Crash crash) {
        List<Crash> more = new ArrayList<>(crashes);
        more.add(crash);
        return new StatePath(recording, more);
    }

    /** Returns this path with another last crash. */
    StatePath with(Crash last) {
        return new StatePath(recording, crashes.subList(0, crashes.size() - 1)).then(last);
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
