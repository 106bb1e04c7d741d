package dev.holdfast.nio;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Turns failures of the core into the exceptions that programs written for the default provider
 * know.
 */
final class Errors {
    private Errors() {}

    /** An operation of the core. */
    interface Operation<T> {
        T run() throws IOException;
    }

    /** An operation of the core without a result. */
    interface Action {
        void run() throws IOException;
    }

    /** Runs an operation, naming the path in what it throws. */
    static <T> T naming(Path path, Operation<T> operation) throws IOException {
        try {
            return operation.run();
        } catch (HoldfastException e) {
            throw translate(e, path, null);
        }
    }

    /** Runs an operation on two paths, naming both in what it throws. */
    static void naming(Path path, Path other, Action action) throws IOException {
        try {
            action.run();
        } catch (HoldfastException e) {
            throw translate(e, path, other);
        }
    }

    /** Returns the exception that stands for a failure; its cause says more. */
    static FileSystemException translate(HoldfastException e, Path path, Path other) {
        String file = path == null ? null : path.toString();
        String second = other == null ? null : other.toString();
        FileSystemException translated = switch (e.code()) {
            case NOT_FOUND -> new NoSuchFileException(file, second, null);
            case EXISTS -> new FileAlreadyExistsException(second == null ? file : second);
            case NOT_EMPTY -> new DirectoryNotEmptyException(second == null ? file : second);
            case ACCESS_DENIED -> new AccessDeniedException(file, second, e.getMessage());
            default -> new FileSystemException(file, second, reason(e));
        };
        translated.initCause(e);
        return translated;
    }

    /** Returns the reason as the default provider words it, and what the core has to add. */
    private static String reason(HoldfastException e) {
        String known = switch (e.code()) {
            case NOT_A_DIRECTORY -> "Not a directory";
            case IS_A_DIRECTORY -> "Is a directory";
            case SYMLINK_LOOP -> "Too many levels of symbolic links";
            case NAME_TOO_LONG -> "File name too long";
            case READ_ONLY -> "Read-only file system";
            case NO_SPACE -> "No space left on device";
            case TOO_MANY_LINKS -> "Too many links";
            case TOO_LARGE -> "File too large";
            case BUSY -> "Device or resource busy";
            default -> null;
        };
        return known == null ? e.getMessage() : known + ": " + e.getMessage();
    }

    static boolean is(IOException e, ErrorCode code) {
        return e instanceof HoldfastException ours && ours.code() == code;
    }
}
