package dev.holdfast.nio.lucene;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.tests.store.BaseDirectoryTestCase;
import org.junit.AfterClass;
import org.junit.BeforeClass;

/** Lucene's own tests of a directory, on a volume. */
public abstract class VolumeDirectoryTestCase extends BaseDirectoryTestCase {
    private static TestVolume volume;

    @BeforeClass
    public static void open() throws IOException {
        volume = new TestVolume();
    }

    @AfterClass
    public static void close() throws IOException {
        volume.close();
        volume = null;
    }

    /** Opens a directory that is on the volume. */
    abstract FSDirectory directoryAt(Path path) throws IOException;

    @Override
    protected final Directory getDirectory(Path path) throws IOException {
        return directoryAt(volume.directoryFor(path));
    }

    @Override
    public void testFsyncDoesntCreateNewFiles() throws Exception {
        try (FSDirectory directory = directoryAt(volume.newDirectory())) {
            OnVolume.fsyncDoesntCreateNewFiles(directory);
        }
    }

    /** The original loops for ever off the mock file system that it was written for. */
    @Override
    public void testPendingDeletions() throws IOException {
        try (FSDirectory directory = directoryAt(volume.newDirectory())) {
            OnVolume.nothingIsPending(directory);
        }
    }
}
