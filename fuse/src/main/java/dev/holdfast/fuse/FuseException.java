package dev.holdfast.fuse;

import java.io.IOException;

/** A request that is answered with an errno; without a stack trace, for it is an answer. */
final class FuseException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    FuseException(int errno, String message) {
        super(message);
        this.errno = errno;
    }

    int errno() {
        return errno;
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
