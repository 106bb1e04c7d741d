package dev.holdfast.cli.run;

import dev.holdfast.file.FileExtent;
import dev.holdfast.file.FileStat;
import java.util.List;
import java.util.OptionalLong;

/** What an operation found out. */
public sealed interface IoResult {
    /** It is done; there is nothing to say. */
    record Done() implements IoResult {}

    /**
     * Bytes were written through the file interface.
     *
     * @param offset first byte
     * @param lengthBytes bytes asked for, and written
     */
    record Wrote(long offset, long lengthBytes) implements IoResult {}

    /**
     * Bytes were read, through either interface.
     *
     * @param offset first byte
     * @param lengthBytes bytes asked for; fewer were read at the end of the file
     * @param content what was read
     */
    record Read(long offset, long lengthBytes, Content content) implements IoResult {}

    /**
     * Where data or a hole begins.
     *
     * @param offset the offset; empty when there is none before the end of the file
     */
    record Found(OptionalLong offset) implements IoResult {}

    /**
     * Where a file lies.
     *
     * @param sizeBytes size of the file
     * @param extents its extents in order
     */
    record Extents(long sizeBytes, List<FileExtent> extents) implements IoResult {}

    /** The attributes of a file. */
    record Attributes(FileStat stat) implements IoResult {}

    /** The power was cut, and the volume recovered. */
    record Recovered(OptionalLong seed) implements IoResult {}
}
