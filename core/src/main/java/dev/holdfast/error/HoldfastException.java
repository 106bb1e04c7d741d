package dev.holdfast.error;

import java.io.IOException;

/** A failed operation: a code to act on, and a message that says what, where and what to do. */
public class HoldfastException extends IOException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /** Creates a failure of kind {@code code}; {@code message} names the file, offset or block. */
    public HoldfastException(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    /** Creates a failure of kind {@code code} with what caused it. */
    public HoldfastException(ErrorCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** Returns the kind of this failure. */
    public ErrorCode code() {
        return code;
    }
}
