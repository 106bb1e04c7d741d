package dev.holdfast.cli.bench;

import java.io.IOException;

/**
 * What serves the faults: opened anew for each round, so that no block is timed that an earlier
 * round touched.
 */
interface Engine {
    /** Returns the name in JSON. */
    String name();

    /** Returns what heads its tables. */
    String label();

    /** Tells whether it can serve a cell; the others are left out of its tables. */
    boolean serves(FaultCell cell);

    /** Opens it for one round. */
    Round open() throws IOException;

    /** One round: cells are timed in turn, then all it made is removed. */
    interface Round extends AutoCloseable {
        /** Starts what else goes on while cells of {@code name} are timed; null for nothing. */
        BackgroundCopy load(Load load, String name) throws IOException;

        /** Times the faults of a cell on a new file {@code name}. */
        FaultSample time(FaultCell cell, int faults, String name) throws IOException;

        @Override
        void close() throws IOException;
    }
}
