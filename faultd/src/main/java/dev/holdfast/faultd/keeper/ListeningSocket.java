package dev.holdfast.faultd.keeper;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.UnixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The socket that clients connect to. Only this process's user may, until its mode is changed. */
public final class ListeningSocket {
    private static final int BACKLOG = 64;

    private ListeningSocket() {}

    /**
     * Listens at a path; a socket that a dead server left there is replaced.
     *
     * @throws HoldfastException BUSY: somebody serves there; EXISTS: something else is there
     */
    public static int open(Path path) throws IOException {
        try {
            removeStale(path);
            return UnixSocket.listen(path.toString(), BACKLOG);
        } catch (ErrnoException e) {
            throw new HoldfastException(
                    e.errno() == Errno.EACCES ? ErrorCode.ACCESS_DENIED : ErrorCode.INVALID,
                    path + ": " + e.getMessage(), e);
        }
    }

    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Linux.close(UnixSocket.connect(path.toString()));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ECONNREFUSED || Files.isRegularFile(path)) {
                throw new HoldfastException(ErrorCode.EXISTS,
                        path + " exists and is no socket of a server", e);
            }
            Files.deleteIfExists(path);
            return;
        }
        throw new HoldfastException(ErrorCode.BUSY, path + ": somebody serves there already");
    }
}
