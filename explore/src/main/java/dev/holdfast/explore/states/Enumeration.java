package dev.holdfast.explore.states;

import java.io.IOException;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Chooses images at one crash point, over those of its pieces that matter; the others stay durable.
 * Either every combination, in an order that changes one piece at a time; or a selection:
 *
 * <ol>
 *   <li>each version of each piece alone, all others durable;
 *   <li>each piece lost or older, all others newest;
 *   <li>everything up to a moment: what a medium without a cache would hold;
 *   <li>for each size up to the bound, sets of pieces kept, and sets lost;
 *   <li>combinations at random.
 * </ol>
 *
 * <p>Each of these classes has {@code limit} members at most, drawn at random where it would have
 * more.
 */
final class Enumeration {
    /** Looks at the image chosen; false to stop. */
    interface Visitor {
        boolean visit() throws IOException;
    }

    private final ImageState state;
    private final Pieces pieces;
    private final int[] relevant;
    private final Visitor visitor;

    Enumeration(ImageState state, int[] relevant, Visitor visitor) {
        this.state = state;
        this.pieces = state.pieces();
        this.relevant = relevant;
        this.visitor = visitor;
    }

    /** Returns the number of combinations; {@code Long.MAX_VALUE} for more than that. */
    static long combinations(Pieces pieces, int[] relevant) {
        long product = 1;
        for (int piece : relevant) {
            int options = pieces.options(piece);
            if (product > Long.MAX_VALUE / options) {
                return Long.MAX_VALUE;
            }
            product *= options;
        }
        return product;
    }

    /** Visits every combination; false if the visitor stopped. */
    boolean all() throws IOException {
        state.chooseNone();
        int[] value = new int[relevant.length];
        int[] step = new int[relevant.length];
        Arrays.fill(step, 1);
        while (visitor.visit()) {
            int i = 0;
            while (i < relevant.length && !isOption(relevant[i], value[i] + step[i])) {
                step[i] = -step[i];
                i++;
            }
            if (i == relevant.length) {
                return true;
            }
            value[i] += step[i];
            state.choose(relevant[i], value[i]);
        }
        return false;
    }

    private boolean isOption(int piece, int option) {
        return option >= 0 && option < pieces.options(piece);
    }

    /** Visits a selection; false if the visitor stopped. */
    boolean selection(int subset, long limit, RandomGenerator random) throws IOException {
        int most = (int) Math.min(limit, Integer.MAX_VALUE);
        return alone(most, random) && allButOne(most, random) && upToAMoment(most)
                && subsets(subset, most, random) && mixed(most / 4, random);
    }

    private boolean alone(int most, RandomGenerator random) throws IOException {
        for (int i : drawn(relevant.length, most, random)) {
            int piece = relevant[i];
            for (int option = pieces.newest(piece); option > 0; option--) {
                state.chooseNone();
                state.choose(piece, option);
                if (!visitor.visit()) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean allButOne(int most, RandomGenerator random) throws IOException {
        for (int i : drawn(relevant.length, most, random)) {
            int piece = relevant[i];
            for (int option = 0; option < pieces.newest(piece); option++) {
                chooseNewest();
                state.choose(piece, option);
                if (!visitor.visit()) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean upToAMoment(int most) throws IOException {
        int[] moments = Arrays.stream(relevant)
                .flatMap(piece -> IntStream.range(1, pieces.options(piece))
                        .map(option -> pieces.cutoff(piece, option)))
                .sorted().distinct().toArray();
        int stride = Math.max(1, (moments.length + most - 1) / most);
        for (int i = 0; i < moments.length; i += stride) {
            for (int piece : relevant) {
                int option = pieces.newest(piece);
                while (option > 0 && pieces.cutoff(piece, option) > moments[i]) {
                    option--;
                }
                state.choose(piece, option);
            }
            if (!visitor.visit()) {
                return false;
            }
        }
        return true;
    }

    private boolean subsets(int largest, int most, RandomGenerator random) throws IOException {
        for (int size = 2; size <= Math.min(largest, relevant.length); size++) {
            int[] members = new int[size];
            boolean drawn = binomial(relevant.length, size) > most;
            for (int i = 0; i < size; i++) {
                members[i] = i;
            }
            for (int round = 0; round < most; round++) {
                if (drawn) {
                    members = drawn(relevant.length, size, random);
                }
                if (!kept(members) || !lost(members)) {
                    return false;
                }
                if (!drawn && !next(members)) {
                    break;
                }
            }
        }
        return true;
    }

    private boolean kept(int[] members) throws IOException {
        state.chooseNone();
        for (int member : members) {
            state.choose(relevant[member], pieces.newest(relevant[member]));
        }
        return visitor.visit();
    }

    private boolean lost(int[] members) throws IOException {
        chooseNewest();
        for (int member : members) {
            state.choose(relevant[member], 0);
        }
        return visitor.visit();
    }

    /** Goes on to the next set of members in lexical order; false after the last. */
    private boolean next(int[] members) {
        int size = members.length;
        int i = size - 1;
        while (i >= 0 && members[i] == relevant.length - size + i) {
            i--;
        }
        if (i < 0) {
            return false;
        }
        members[i]++;
        for (int j = i + 1; j < size; j++) {
            members[j] = members[j - 1] + 1;
        }
        return true;
    }

    private boolean mixed(int count, RandomGenerator random) throws IOException {
        for (int round = 0; round < count; round++) {
            for (int piece : relevant) {
                state.choose(piece, random.nextInt(pieces.options(piece)));
            }
            if (!visitor.visit()) {
                return false;
            }
        }
        return true;
    }

    private void chooseNewest() {
        state.chooseNone();
        for (int piece : relevant) {
            state.choose(piece, pieces.newest(piece));
        }
    }

    /**
     * Returns all numbers below {@code bound}, or, if that is more, {@code most} of them, sorted.
     */
    private static int[] drawn(int bound, int most, RandomGenerator random) {
        if (bound <= most) {
            return IntStream.range(0, bound).toArray();
        }
        TreeSet<Integer> chosen = new TreeSet<>();
        while (chosen.size() < most) {
            chosen.add(random.nextInt(bound));
        }
        return chosen.stream().mapToInt(Integer::intValue).toArray();
    }

    private static long binomial(int n, int k) {
        long result = 1;
        for (int i = 0; i < k; i++) {
            result = result * (n - i) / (i + 1);
            if (result > Integer.MAX_VALUE) {
                return result;
            }
        }
        return result;
    }
}
