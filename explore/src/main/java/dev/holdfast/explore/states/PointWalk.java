package dev.holdfast.explore.states;

import dev.holdfast.device.DaxDevice;
import java.io.IOException;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Looks at the images of one crash point after another of a trace.
 *
 * <p>Only pieces that somebody reads are varied. The images with nothing kept and with everything
 * kept are run first; what they read, and what every further image reads, is varied in turn, until
 * no run reads anything else. Then what is left out cannot matter: take any image, and the one that
 * agrees with it in all pieces varied and has the others durable; the run on the second read
 * nothing in which the two differ, so the run on the first does the same.
 *
 * <p>Images looked at before are left out, so what was read is remembered as long as that holds:
 * while no mark is passed.
 */
final class PointWalk {
    /** Runs the state that is shown, unless it is known; false to stop. */
    interface Look {
        boolean at(Path path) throws IOException;
    }

    /** Tells where the state shown is, on demand. */
    interface Path {
        StatePath line();
    }

    private final ImageState state;
    private final int subset;
    private final long exhaustiveImages;
    private final StatePath.Phase phase;
    private long lastMarks = -1;

    PointWalk(ImageState state, int subset, long exhaustiveImages, StatePath.Phase phase) {
        this.state = state;
        this.subset = subset;
        this.exhaustiveImages = exhaustiveImages;
        this.phase = phase;
    }

    /**
     * Looks at the point where the state stands.
     *
     * @return whether every image that can matter was looked at
     */
    boolean explore(long marks, StatePath before, RandomGenerator random, Look look)
            throws IOException {
        if (marks != lastMarks) {
            state.device().trackReads(true);
            lastMarks = marks;
        }
        Path path = () -> before.then(StatePath.crash(phase, state));
        Enumeration.Visitor visitor = () -> look.at(path);
        state.chooseNone();
        if (!look.at(path)) {
            return false;
        }
        state.chooseNewest();
        if (!look.at(path)) {
            return false;
        }
        int[] varied = relevant();
        boolean whole = false;
        while (true) {
            Enumeration images = new Enumeration(state, varied, visitor);
            whole = Enumeration.combinations(state.pieces(), varied) <= exhaustiveImages;
            boolean goesOn = whole ? images.all()
                    : images.selection(subset, exhaustiveImages, random);
            if (!goesOn) {
                return false;
            }
            int[] more = relevant();
            if (Arrays.equals(more, varied)) {
                return whole;
            }
            varied = more;
        }
    }

    private int[] relevant() {
        Pieces pieces = state.pieces();
        int[] found = new int[pieces.count()];
        int count = 0;
        for (int piece = 0; piece < pieces.count(); piece++) {
            if (isRead(pieces.offset(piece), pieces.bytes())) {
                found[count++] = piece;
            }
        }
        return Arrays.copyOf(found, count);
    }

    private boolean isRead(int offset, int length) {
        int last = (offset + length - 1) / DaxDevice.LINE_BYTES;
        for (int line = offset / DaxDevice.LINE_BYTES; line <= last; line++) {
            if (state.device().wasRead(line)) {
                return true;
            }
        }
        return false;
    }
}
