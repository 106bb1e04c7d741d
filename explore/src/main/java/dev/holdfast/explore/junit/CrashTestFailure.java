package dev.holdfast.explore.junit;

/**
 * A power cut breaks what a crash test asks for; the message says which, how, and how to see it
 * again.
 */
public final class CrashTestFailure extends AssertionError {
    private static final long serialVersionUID = 1L;

    CrashTestFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
