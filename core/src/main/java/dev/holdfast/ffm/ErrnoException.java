package dev.holdfast.ffm;

import java.io.IOException;

/** A system call that failed: which one, and its errno. Callers turn it into what it means. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    ErrnoException(String call, int errno) {
        super(call + " failed: " + Errno.describe(errno));
        this.errno = errno;
    }

    /** Returns the errno, one of the constants of {@link Errno} or another of Linux's. */
    public int errno() {
        return errno;
    }
}
