package dev.holdfast.cli.run;

import dev.holdfast.Volume;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.OptionalLong;

/** A volume that somebody else opened, on a real medium: its power cannot be cut. */
public final class OpenedStage implements IoStage {
    private final Volume volume;

    /** Takes a volume over: it is closed with the stage. */
    public OpenedStage(Volume volume) {
        this.volume = volume;
    }

    @Override
    public Volume volume() {
        return volume;
    }

    @Override
    public void crash(OptionalLong seed) throws HoldfastException {
        throw new HoldfastException(ErrorCode.NOT_SUPPORTED, volume.device().name()
                + " is on a real medium, whose power this program cannot cut; run the script with"
                + " --simulated to crash it");
    }

    @Override
    public void close() throws IOException {
        volume.close();
    }
}
