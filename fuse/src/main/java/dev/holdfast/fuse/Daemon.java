package dev.holdfast.fuse;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.LinuxMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process that serves a mount, and one that ends another's mount, need of the system. */
public final class Daemon {
    private static final int POLL_MILLIS = 5;
    private static final int WAIT_MILLIS = 60_000;

    private Daemon() {}

    /** Makes this process independent of the terminal it was started from. */
    public static void leaveTerminal() {
        LinuxMount.newSession();
    }

    /**
     * Unmounts a volume that any process serves, and waits until that process has closed it; not so
     * when lazily, for programs may use it still. Returns the volume's name.
     *
     * @throws HoldfastException INVALID when no volume is mounted there; BUSY when programs use it,
     *     or when the volume is still open a minute later
     */
    public static String unmount(Path directory, boolean lazily)
            throws IOException, InterruptedException {
        Path absolute = directory.toAbsolutePath().normalize();
        MountTable.Entry entry = MountTable.at(absolute).orElseThrow(() -> new HoldfastException(
                ErrorCode.INVALID, "no volume is mounted at " + absolute));
        Mounter.unmount(absolute, lazily);
        if (!lazily) {
            awaitClosed(Path.of(entry.source()));
        }
        return entry.source();
    }

    private static void awaitClosed(Path volume) throws IOException, InterruptedException {
        for (int waited = 0; isInUse(volume); waited += POLL_MILLIS) {
            if (waited >= WAIT_MILLIS) {
                throw new HoldfastException(ErrorCode.BUSY,
                        volume + " is unmounted, but the process that served it has it open");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Whoever has a volume open for writing has its lock. */
    private static boolean isInUse(Path volume) throws IOException {
        if (!Files.isReadable(volume)) {
            return false;
        }
        int fd = Linux.open(volume.toString(), Linux.O_RDONLY, 0);
        try {
            return !Linux.tryLock(fd, false);
        } finally {
            Linux.close(fd);
        }
    }
}
