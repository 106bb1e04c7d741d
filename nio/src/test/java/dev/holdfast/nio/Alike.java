package dev.holdfast.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;

/**
 * Calls that a volume answers as the default file system does. A case gets an empty directory on
 * either; results are compared as text, exceptions by class and by the files they name.
 */
abstract class Alike {
    /** A case. */
    interface Call {
        Object on(Path dir) throws Exception;
    }

    private static final long VOLUME_BYTES = 64 << 20;

    private static Place.Mounted ours;
    private static Place.Mounted theirs;
    private static int directories;

    @BeforeAll
    static void open() throws IOException {
        ours = Place.MEMFD.open(VOLUME_BYTES);
        theirs = Place.DEFAULT.open(VOLUME_BYTES);
    }

    @AfterAll
    static void close() throws IOException {
        ours.close();
        theirs.close();
    }

    static DynamicTest alike(String name, Call call) {
        return DynamicTest.dynamicTest(name, () -> {
            String directory = "case-" + directories++;
            String expected = outcome(call, theirs.root().resolve(directory));
            String found = outcome(call, ours.root().resolve(directory));
            // Of results that fill lines, those that differ.
            assertThat(found.lines().filter(line -> expected.lines().noneMatch(line::equals)))
                    .as("instead of %s", expected.lines()
                            .filter(line -> found.lines().noneMatch(line::equals)).toList())
                    .isEmpty();
            assertThat(found).isEqualTo(expected);
        });
    }

    private static String outcome(Call call, Path dir) throws IOException {
        Files.createDirectory(dir);
        String text;
        try {
            text = text(call.on(dir));
        } catch (Exception e) {
            text = text(e);
        }
        return text.replace(dir.toString(), "DIR");
    }

    private static String text(Object result) {
        return switch (result) {
            case null -> "null";
            case Throwable e -> text(e);
            case byte[] bytes -> Arrays.toString(bytes);
            case Object[] parts -> Arrays.stream(parts).map(Alike::text)
                    .collect(Collectors.joining(", ", "{", "}"));
            case Collection<?> parts -> parts.stream().map(Alike::text)
                    .collect(Collectors.joining(", ", "[", "]"));
            default -> result.toString();
        };
    }

    private static String text(Throwable e) {
        if (e instanceof ExecutionException) {
            return "failed: " + text(e.getCause());
        }
        return e.getClass().getName() + (e instanceof FileSystemException named
                ? " " + named.getFile() + " " + named.getOtherFile() : "");
    }

    /** Returns what a call throws, for cases that have more to say. */
    static Object thrownBy(Call call, Path dir) {
        try {
            return call.on(dir);
        } catch (Exception e) {
            return e;
        }
    }

    /** Runs several calls on one directory: each has its outcome, whatever the others'. */
    static Call each(Call... calls) {
        return dir -> {
            Object[] results = new Object[calls.length];
            for (int i = 0; i < calls.length; i++) {
                results[i] = text(thrownBy(calls[i], dir));
            }
            return results;
        };
    }

    static Path file(Path dir, String name) throws IOException {
        return Files.writeString(dir.resolve(name), "content of " + name);
    }

    static Path directory(Path dir, String name) throws IOException {
        return Files.createDirectory(dir.resolve(name));
    }

    static Path link(Path dir, String name, String target) throws IOException {
        return Files.createSymbolicLink(dir.resolve(name), dir.getFileSystem().getPath(target));
    }
}
