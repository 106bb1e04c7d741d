package dev.holdfast.cli;

import dev.holdfast.cli.io.IoSyntaxException;
import dev.holdfast.cli.text.Quoting;
import dev.holdfast.cli.text.Report;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;

/**
 * A failure as the user sees it: one line that says what, where and what to do, and an exit code.
 *
 * @param exit what the process ends with
 * @param code the name of the error code, for {@code --json}
 * @param message one line
 */
record Failure(ExitCode exit, String code, String message) {

    static Failure of(Throwable thrown) {
        return switch (thrown) {
            case HoldfastException e -> new Failure(ExitCode.of(e), e.code().name(), line(e));
            case UncheckedIOException e -> of(e.getCause());
            case IoSyntaxException e -> new Failure(ExitCode.USAGE, "INVALID", line(e));
            case FileSystemException e -> fileFailure(e);
            case IOException e -> failed("IO_ERROR", "input or output failed: " + line(e));
            case UnsupportedOperationException e when e.getMessage() != null ->
                    failed("NOT_SUPPORTED", line(e));
            case InterruptedException _ -> new Failure(
                    ExitCode.INTERRUPTED, "INTERRUPTED", "interrupted: what was durable stays so");
            case InvalidPathException e -> failed("BAD_NAME", "the host cannot have this name: "
                    + line(e) + ": in a UTF-8 locale (LC_ALL=C.UTF-8) it may");
            case OutOfMemoryError e -> failed("NO_MEMORY", "out of memory: " + line(e)
                    + ": give java more with HOLDFAST_JAVA_OPTS=-Xmx…");
            default -> new Failure(ExitCode.INTERNAL, "INTERNAL", "internal error: "
                    + Quoting.oneLine(thrown.toString())
                            + ": please report it with the output of --debug");
        };
    }

    /** Returns this failure with the exit code that {@code check}, like fsck, has for it. */
    Failure whileChecking() {
        return exit == ExitCode.FAILED ? new Failure(ExitCode.CANNOT_CHECK, code, message) : this;
    }

    Report report() {
        return new Report().group("error", new Report()
                .text("code", code)
                .text("message", message)
                .count("exitCode", exit.number()));
    }

    private static Failure fileFailure(FileSystemException e) {
        String file = Quoting.oneLine(String.valueOf(e.getFile()));
        return switch (e) {
            case NoSuchFileException _ -> failed("NOT_FOUND", "no such file: " + file
                    + ": check the path");
            case FileAlreadyExistsException _ ->
                    failed("EXISTS", "the file exists: " + file
                            + ": remove it or choose another name");
            case AccessDeniedException _ ->
                    failed("ACCESS_DENIED", "access denied: " + file + ": check owner and mode");
            default -> failed("IO_ERROR", (e.getReason() == null
                    ? "the operating system refused" : e.getReason())
                    + ": " + file);
        };
    }

    private static Failure failed(String code, String message) {
        return new Failure(ExitCode.FAILED, code, message);
    }

    private static String line(Throwable thrown) {
        return Quoting.oneLine(thrown.getMessage() == null
                ? thrown.getClass().getSimpleName() : thrown.getMessage());
    }
}
