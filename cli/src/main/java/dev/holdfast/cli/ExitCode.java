package dev.holdfast.cli;

import dev.holdfast.error.HoldfastException;

/** What the process returns. Scripts rely on the numbers: they do not change. */
public enum ExitCode {
    /** Done. For {@code check}: the volume is sound. */
    OK(0),
    /** The operation failed; standard error says why. */
    FAILED(1),
    /** The command line was wrong; nothing was done. */
    USAGE(2),
    /**
     * The volume's metadata is damaged: found by {@code check}, as by fsck, or met by any command.
     */
    DAMAGED(4),
    /** {@code check} could not look, as fsck: no such volume, or it cannot be read. */
    CANNOT_CHECK(8),
    /** The command line of {@code check} was wrong, as fsck; nothing was done. */
    CHECK_USAGE(16),
    /** A fault of this program. */
    INTERNAL(70),
    /** Interrupted, as by SIGINT. */
    INTERRUPTED(130);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    /** Returns the number the process ends with. */
    public int number() {
        return number;
    }

    /** Returns what a failed operation ends with. */
    static ExitCode of(HoldfastException failure) {
        return switch (failure.code()) {
            case CORRUPT -> DAMAGED;
            case INTERRUPTED -> INTERRUPTED;
            default -> FAILED;
        };
    }
}
