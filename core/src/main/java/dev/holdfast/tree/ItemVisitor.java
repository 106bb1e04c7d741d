package dev.holdfast.tree;

import java.io.IOException;

/** Receives the items of a scan in the order of their keys. */
@FunctionalInterface
public interface ItemVisitor {
    /** Takes an item; {@code value} is the visitor's to keep. Returns false to end the scan. */
    boolean item(Key key, byte[] value) throws IOException;
}
