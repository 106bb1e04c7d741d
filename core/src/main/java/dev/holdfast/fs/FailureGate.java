package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.log.Log;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;

/**
 * Every write-back of the file system outside the log goes through here, so that the first one that
 * fails shuts the volume down (H4): from then on nothing is reported durable.
 */
final class FailureGate {
    private final DaxDevice device;
    private final Log log;
    private final Mutants mutants;

    FailureGate(DaxDevice device, Log log, Mutants mutants) {
        this.device = device;
        this.log = log;
        this.mutants = mutants;
    }

    /** Makes a range durable, or shuts the volume down. */
    void persist(long offset, long length) throws IOException {
        check();
        try {
            device.persist(offset, length);
        } catch (IOException e) {
            stop(e);
            throw e;
        }
    }

    /** Throws if the volume has shut down. */
    void check() throws HoldfastException {
        if (log.isShutDown()) {
            throw new HoldfastException(ErrorCode.SHUT_DOWN, device.name()
                    + ": an earlier write-back failed; close the volume and open it again to "
                    + "recover");
        }
    }

    /** Shuts the volume down. */
    void stop(IOException cause) {
        if (!mutants.on(Mutant.FAILED_WRITE_BACK_FORGOTTEN)) {
            log.shutDown(cause);
        }
    }
}
