package dev.holdfast.nio.lucene;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;

/**
 * The tests that Lucene's base classes run on paths they made themselves, here on those of the
 * volume.
 */
final class OnVolume {
    private OnVolume() {}

    /** A sync of a file that is gone is an error, and does not make it anew. */
    static void fsyncDoesntCreateNewFiles(FSDirectory directory) throws IOException {
        try (IndexOutput out = directory.createOutput("afile", IOContext.DEFAULT)) {
            out.writeString("boo");
        }
        Files.delete(directory.getDirectory().resolve("afile"));
        String[] before = directory.listAll();
        assertThrows(NoSuchFileException.class, () -> directory.sync(Set.of("afile")));
        assertArrayEquals(before, directory.listAll());
    }

    /** A file that is open can be deleted, is gone at once, and leaves nothing pending. */
    static void nothingIsPending(FSDirectory directory) throws IOException {
        try (IndexOutput out = directory.createOutput("first", IOContext.DEFAULT)) {
            out.writeInt(1);
        }
        try (var in = directory.openInput("first", IOContext.DEFAULT)) {
            directory.deleteFile("first");
            assertArrayEquals(new String[0], directory.listAll());
            assertArrayEquals(new String[0], directory.getPendingDeletions().toArray());
            if (in.readInt() != 1) {
                throw new AssertionError("an open input lost its bytes");
            }
        }
    }
}
