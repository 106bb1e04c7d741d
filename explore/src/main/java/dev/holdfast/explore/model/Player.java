package dev.holdfast.explore.model;

import dev.holdfast.Volume;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.explore.Violation;
import java.io.IOException;

/**
 * Carries out operations on a volume and in the model, side by side. What the rules do not allow is
 * left out, or must be refused by the volume.
 */
final class Player implements AutoCloseable {
    /**
     * What became of an operation.
     *
     * @param op as it was done, which may be less than was asked for
     * @param generation names it in what it stored
     * @param adopted what it left of a file when space ran out, or null
     * @param path of that file
     */
    record Played(Op op, int generation, Observed.Entry adopted, String path) {
        /** Makes the same change in a model. */
        void begin(Model model) {
            if (adopted == null) {
                model.begin(op, generation);
            } else {
                model.adopt(op, generation, path, adopted);
            }
        }
    }

    private final Volume volume;
    private final Model model;
    private final Driver driver;
    /** Of the operation that is being played, or 0. */
    private int playing;

    Player(Volume volume, Model model) {
        this.volume = volume;
        this.model = model;
        this.driver = new Driver(volume, model);
    }

    /** Carries an operation out; returns null for one that does not make sense. */
    Played play(Op op) throws IOException {
        if (!model.allows(op)) {
            if (Rules.isOfNames(op)) {
                requireRefused(op);
            }
            return null;
        }
        int generation = model.newGeneration();
        playing = generation;
        Played played;
        try {
            played = new Played(driver.run(op, generation), generation, null, null);
            played.begin(model);
            model.complete();
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.NO_SPACE) {
                throw e;
            }
            played = ranOutOfSpace(op, generation);
            played.begin(model);
        }
        model.completed(volume.changeLsn());
        playing = 0;
        return played;
    }

    /**
     * Makes in the model the change of an operation that the power went in: a crash may leave the
     * state before it or after it, and in either words that bear the generation it was played
     * under.
     */
    void interrupted(Op op) {
        if (model.allows(op)) {
            model.begin(op, playing == 0 ? model.newGeneration() : playing);
        }
        playing = 0;
    }

    private void requireRefused(Op op) throws IOException {
        try {
            driver.run(op, model.newGeneration());
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.SHUT_DOWN || e.code() == ErrorCode.IO_ERROR) {
                throw e;
            }
            return;
        }
        throw new Violation(op + " succeeded and should not have");
    }

    private Played ranOutOfSpace(Op op, int generation) throws IOException {
        String path = switch (op) {
            case Op.Pwrite o -> o.path();
            case Op.Append o -> o.path();
            case Op.Mwrite o -> o.path();
            case Op.Falloc o -> o.path();
            case Op.Fzero o -> o.path();
            case Op.Truncate o -> o.path();
            case Op.Fpunch o -> o.path();
            case Op.Mmap o -> {
                // The driver had let go of the file's mapping before.
                model.unmap(o.path());
                yield null;
            }
            default -> null;
        };
        if (path == null) {
            return new Played(new Op.Tick(), generation, null, null);
        }
        Node node = model.now().find(path);
        return new Played(op, generation, Observed.entry(volume, path, node.type), path);
    }

    Driver driver() {
        return driver;
    }

    /** Lets go of all mappings and handles. */
    @Override
    public void close() {
        driver.close();
    }
}
