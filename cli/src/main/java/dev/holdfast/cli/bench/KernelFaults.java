package dev.holdfast.cli.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Counts the minor faults that the kernel has served the calling thread: a benchmark of software
 * faults that does not count them measures the kernel's.
 */
final class KernelFaults {
    private static final Path STAT = Path.of("/proc/thread-self/stat");
    /** Fields of the line between the command's closing parenthesis and minflt. */
    private static final int FIELDS_BEFORE = 7;
    private static final ThreadLocal<ByteBuffer> BUFFER =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(1024));

    private KernelFaults() {}

    /** Returns the count of the calling thread, 0 where the system does not tell. */
    static long ofThisThread() {
        ByteBuffer buffer = BUFFER.get().clear();
        try (FileChannel stat = FileChannel.open(STAT)) {
            stat.read(buffer);
        } catch (IOException notLinux) {
            return 0;
        }
        String line = StandardCharsets.US_ASCII.decode(buffer.flip()).toString();
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[FIELDS_BEFORE]);
    }
}
