package dev.holdfast.explore.states;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.explore.Exploration.Found;
import dev.holdfast.explore.states.StatePath.Crash;
import dev.holdfast.explore.states.StatePath.Phase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes what was lost in a violating state as small as it can: from "everything newest but for",
 * and from "everything durable but for", it takes pieces back to the rule, by halves and then one
 * by one, as long as the state still violates. The losses are told, for they are the cause, unless
 * there are many more of them than of what alone must be kept.
 */
public final class Shrinker {
    /** States run at most. */
    private static final int MAX_RUNS = 4000;
    /** So many times more losses than keeps are many. */
    private static final int TELLING = 2;

    private final Replayer replayer;
    private final boolean lossOnly;
    private int runs;
    private Throwable wrong;

    private Shrinker(Replayer replayer, boolean lossOnly) {
        this.replayer = replayer;
        this.lossOnly = lossOnly;
    }

    /** Shrinks the state of a line; null when it does not violate. */
    public static Found shrink(Replayer replayer, String line) throws IOException {
        return new Shrinker(replayer, false).shrink(replayer.parse(line));
    }

    /** Shrinks what was lost, however little it would take to be kept; null as above. */
    public static Found shrinkLoss(Replayer replayer, String line) throws IOException {
        return new Shrinker(replayer, true).shrink(replayer.parse(line));
    }

    private Found shrink(StatePath path) throws IOException {
        if (!violates(path)) {
            return null;
        }
        StatePath smallest = path;
        StatePath outer = new StatePath(path.recording(), path.crashes().subList(0, 1));
        if (violates(outer)) {
            smallest = outer;
        }
        for (int index = smallest.crashes().size() - 1; index >= 0; index--) {
            if (path.crashes().get(index).phase() != Phase.USE) {
                smallest = shrinkCrash(smallest, index);
            }
        }
        violates(smallest);
        return replayer.found(smallest, wrong);
    }

    private StatePath shrinkCrash(StatePath path, int index) throws IOException {
        ImageState state = replayer.show(path, index);
        Phase phase = path.crashes().get(index).phase();
        Crash fromNewest = StatePath.crash(phase, state, true);
        Crash fromDurable = StatePath.crash(phase, state, false);
        StatePath lost = reduce(path.with(index, fromNewest), index);
        if (lossOnly) {
            return lost;
        }
        StatePath kept = reduce(path.with(index, fromDurable), index);
        int losses = lost.crashes().get(index).others().size();
        int keeps = kept.crashes().get(index).others().size();
        return losses > TELLING * (keeps + 1) ? kept : lost;
    }

    private StatePath reduce(StatePath path, int index) throws IOException {
        StatePath smallest = path;
        int size = path.crashes().get(index).others().size();
        for (int part = Math.max(1, size / 2); part >= 1; part /= 2) {
            int from = 0;
            while (from < smallest.crashes().get(index).others().size() && runs < MAX_RUNS) {
                StatePath smaller = without(smallest, index, from, part);
                if (violates(smaller)) {
                    smallest = smaller;
                } else {
                    from += part;
                }
            }
        }
        return smallest;
    }

    private static StatePath without(StatePath path, int index, int from, int count) {
        Crash crash = path.crashes().get(index);
        List<Map.Entry<Integer, Integer>> others = new ArrayList<>(crash.others().entrySet());
        others.subList(from, Math.min(from + count, others.size())).clear();
        Map<Integer, Integer> fewer = new TreeMap<>();
        others.forEach(other -> fewer.put(other.getKey(), other.getValue()));
        return path.with(index, new Crash(crash.phase(), crash.position(), crash.pieceBytes(),
                crash.newest(), fewer));
    }

    private boolean violates(StatePath path) throws IOException {
        runs++;
        Throwable found = run(path);
        if (found != null) {
            wrong = found;
        }
        return found != null;
    }

    /**
     * A change of the first crash may leave the second one without what it chose from, or without a
     * recovery to crash.
     */
    private Throwable run(StatePath path) throws IOException {
        try {
            return replayer.run(path);
        } catch (IllegalArgumentException | HoldfastException noSuchState) {
            return null;
        }
    }
}
