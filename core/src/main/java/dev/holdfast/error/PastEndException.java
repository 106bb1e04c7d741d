package dev.holdfast.error;

/**
 * An access to a page that lies wholly past the end of its file: a bus error until the file has
 * grown.
 */
public final class PastEndException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception that names file and offset. */
    public PastEndException(String message) {
        super(ErrorCode.BUS_ERROR, message);
    }
}
