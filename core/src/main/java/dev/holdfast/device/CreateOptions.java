package dev.holdfast.device;

import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * How a device file is made.
 *
 * @param sparse leaves a disk file's space to be taken when it is first written: quick to make, but
 *     the disk can fill under the volume and every first write-back pays the host's journal
 * @param overwrite replaces a file that exists, unless a volume on it is open
 * @param writeBack how stores will be made durable
 * @param progress told, now and then, how many bytes are zeroed so far
 */
public record CreateOptions(
        boolean sparse, boolean overwrite, WriteBackChoice writeBack, LongConsumer progress) {

    /** Checks that nothing is missing. */
    public CreateOptions {
        Objects.requireNonNull(writeBack, "writeBack");
        Objects.requireNonNull(progress, "progress");
    }

    /** Returns the default: space taken at once, no existing file touched, nobody told. */
    public static CreateOptions defaults() {
        return new CreateOptions(false, false, WriteBackChoice.fromProperty(), zeroed -> {});
    }

    /** Returns these options, sparse or not. */
    public CreateOptions withSparse(boolean newSparse) {
        return new CreateOptions(newSparse, overwrite, writeBack, progress);
    }

    /** Returns these options, overwriting or not. */
    public CreateOptions withOverwrite(boolean newOverwrite) {
        return new CreateOptions(sparse, newOverwrite, writeBack, progress);
    }

    /** Returns these options with another choice of write-back. */
    public CreateOptions withWriteBack(WriteBackChoice newWriteBack) {
        return new CreateOptions(sparse, overwrite, newWriteBack, progress);
    }

    /** Returns these options with somebody to tell. */
    public CreateOptions withProgress(LongConsumer newProgress) {
        return new CreateOptions(sparse, overwrite, writeBack, newProgress);
    }
}
