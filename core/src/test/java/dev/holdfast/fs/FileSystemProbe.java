package dev.holdfast.fs;

import dev.holdfast.dax.AddressSpace;
import java.io.IOException;

/** What a test of the public API looks at behind it. */
public final class FileSystemProbe {
    private FileSystemProbe() {}

    /** Returns the mapping entries of a file. */
    public static AddressSpace space(FileSystem fs, String path) throws IOException {
        return fs.pages(fs.paths().resolve(path, true)).space;
    }
}
