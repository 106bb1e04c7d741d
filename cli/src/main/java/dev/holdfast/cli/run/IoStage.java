package dev.holdfast.cli.run;

import dev.holdfast.Volume;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.OptionalLong;

/** Where a script runs: a volume, and what becomes of it when the power is cut. */
public interface IoStage extends AutoCloseable {
    /** Returns the volume, open; another one after each crash. */
    Volume volume();

    /**
     * Cuts the power, here and now, and recovers. Without a seed nothing survives that was not
     * persisted; with one, a subset of it does that the seed draws. Files and mappings of the
     * volume from before are closed.
     *
     * @throws HoldfastException NOT_SUPPORTED, with nothing done, where there is no power to cut
     */
    void crash(OptionalLong seed) throws IOException;

    /** Closes the volume; idempotent. */
    @Override
    void close() throws IOException;
}
