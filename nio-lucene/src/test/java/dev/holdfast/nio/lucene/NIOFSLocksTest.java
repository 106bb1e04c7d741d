package dev.holdfast.nio.lucene;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.NIOFSDirectory;
import org.apache.lucene.tests.store.BaseLockFactoryTestCase;
import org.junit.AfterClass;
import org.junit.BeforeClass;

/** Lucene's own tests of a directory, with {@link NIOFSDirectory} on a volume. */
public class NIOFSLocksTest extends BaseLockFactoryTestCase {
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

    @Override
    protected Directory getDirectory(Path path) throws IOException {
        return new NIOFSDirectory(volume.directoryFor(path));
    }
}
