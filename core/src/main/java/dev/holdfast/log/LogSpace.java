package dev.holdfast.log;

import java.io.IOException;

/** Makes room in a full log, by a checkpoint. */
@FunctionalInterface
public interface LogSpace {
    /**
     * Tries to have the log before {@code lsnNeeded} released ({@link Log#releaseBefore}). Called
     * by the appending thread, which holds no lock of the log but may hold locks of the file
     * system; it must not append. Several threads may call at once. When it returns, the append
     * looks again.
     *
     * @throws IOException no room can be made; the append fails with it
     */
    void makeRoom(long lsnNeeded) throws IOException;
}
