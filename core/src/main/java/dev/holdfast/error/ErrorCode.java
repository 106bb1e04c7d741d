package dev.holdfast.error;

/**
 * The kinds of failure a caller may want to tell apart, each with the Linux errno that names it.
 */
public enum ErrorCode {
    /** No such file, directory or attribute name along the path. */
    NOT_FOUND(2),
    /** The medium failed, or a checksum on it did. */
    IO_ERROR(5),
    /** A memory or descriptor limit of the operating system was met. */
    NO_MEMORY(12),
    /** The operating system or a file mode refuses the access. */
    ACCESS_DENIED(13),
    /** A pinned range, a mapping or another owner stands in the way. */
    BUSY(16),
    /** A name is taken. */
    EXISTS(17),
    /** A link or rename would leave its volume. */
    CROSS_VOLUME(18),
    /** A directory was needed. */
    NOT_A_DIRECTORY(20),
    /** A directory was given where a file was needed. */
    IS_A_DIRECTORY(21),
    /** An argument is out of its documented range. */
    INVALID(22),
    /** A file would grow past the limit. */
    TOO_LARGE(27),
    /** The volume has no free space left for this. */
    NO_SPACE(28),
    /** The volume is open for reading only. */
    READ_ONLY(30),
    /** An inode has as many links as it can. */
    TOO_MANY_LINKS(31),
    /** A name or path is longer than the limit. */
    NAME_TOO_LONG(36),
    /** A directory is not empty. */
    NOT_EMPTY(39),
    /** A path has too many symbolic links. */
    SYMLINK_LOOP(40),
    /** No such extended attribute, or no data or hole past an offset. */
    NO_DATA(61),
    /** A name is not well-formed Unicode. */
    BAD_NAME(84),
    /**
     * The flag or combination is not supported here, and is refused rather than ignored (V1-V3).
     */
    NOT_SUPPORTED(95),
    /** An access past the end of the file, or to a block that cannot be had: a hardware SIGBUS. */
    BUS_ERROR(7),
    /** Metadata on the volume is damaged; the message names the check that failed. */
    CORRUPT(117),
    /** A write-back failed earlier: the volume has shut down and must be opened anew (H4). */
    SHUT_DOWN(108),
    /** The thread was interrupted; nothing was lost. */
    INTERRUPTED(4);

    private final int errno;

    ErrorCode(int errno) {
        this.errno = errno;
    }

    /** Returns the Linux errno that a kernel would report in the same case. */
    public int errno() {
        return errno;
    }
}
