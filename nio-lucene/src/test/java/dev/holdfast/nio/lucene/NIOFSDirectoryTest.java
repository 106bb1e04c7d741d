package dev.holdfast.nio.lucene;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.NIOFSDirectory;

/** Lucene's own tests of a directory, with {@link NIOFSDirectory}. */
public class NIOFSDirectoryTest extends VolumeDirectoryTestCase {
    @Override
    FSDirectory directoryAt(Path path) throws IOException {
        return new NIOFSDirectory(path);
    }
}
