package dev.holdfast.nio;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An empty, nameless, sparse file of the default file system, for the JDK to map: what it maps
 * there is laid over before anybody sees it, so that the file never gets content.
 */
final class ScratchFile {
    private static FileChannel current;

    private ScratchFile() {}

    /** Maps a range of the file into an arena. */
    static MemorySegment map(MapMode mode, long position, long size, Arena arena)
            throws IOException {
        while (true) {
            FileChannel channel = channel();
            try {
                return channel.map(mode, position, size, arena);
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (AsynchronousCloseException closedUnderAnother) {
                // A thread that was interrupted in here closed it for all; there is always another.
            }
        }
    }

    private static synchronized FileChannel channel() throws IOException {
        if (current == null || !current.isOpen()) {
            Path path = Files.createTempFile("holdfast-scratch", null);
            current = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        }
        return current;
    }
}
