package dev.holdfast.explore;

/** What a {@link Judge} throws: a recovered volume is in a state that no power cut may leave. */
public final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates a violation. */
    public Violation(String message) {
        super(message);
    }

    /** Creates a violation that something else showed. */
    public Violation(String message, Throwable cause) {
        super(message, cause);
    }
}
