package dev.holdfast.fs;

import java.io.IOException;

/** The heap's part of an inode losing a link: applied after the record is in the log. */
interface LinkLoss {
    void apply(long lsn) throws IOException;
}
