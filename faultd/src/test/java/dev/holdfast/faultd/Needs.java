package dev.holdfast.faultd;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.Userfaultfd;

/** Skips tests where the system does not grant what they need, and says what that is. */
public final class Needs {
    private Needs() {}

    /** Real page faults. */
    public static void userfaultfd() {
        assumeTrue(Linux.isAvailable(), "needs Linux");
        try {
            int fd = Userfaultfd.open();
            try {
                long features = Userfaultfd.agree(fd, 0);
                assumeTrue((features & Userfaultfd.FEATURE_POISON) != 0
                        && (features & Userfaultfd.FEATURE_WP_FILES) != 0
                        && (features & Userfaultfd.FEATURE_MINOR_SHMEM) != 0,
                        "needs the userfaultfd of Linux 6.6, this kernel's has features "
                        + features);
            } finally {
                Linux.close(fd);
            }
        } catch (ErrnoException e) {
            assumeTrue(false, "needs access to userfaultfd: " + e.getMessage());
        }
    }
}
