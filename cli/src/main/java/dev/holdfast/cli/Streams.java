package dev.holdfast.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The bytes of a command, below its text: content that is read from standard input and written to
 * standard output. Not buffered, so that a failing pipe is an exception at once.
 *
 * @param in standard input
 * @param out standard output; the text of the same command is flushed before it is used
 */
record Streams(InputStream in, OutputStream out) {
    /** Returns the streams of the process. */
    static Streams ofProcess() {
        return new Streams(new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out));
    }
}
