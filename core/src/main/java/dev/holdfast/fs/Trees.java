package dev.holdfast.fs;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.tree.Tree;
import java.io.IOException;
import java.lang.invoke.VarHandle;

/**
 * The newest durable checkpoint, read without a lock. Nodes of tree N can be written over only
 * after checkpoint N+2 is durable and published here, so a reader that finds the generation at most
 * one ahead of the one it read has read a whole tree; any other reads again.
 */
final class Trees {
    /** A published checkpoint. */
    record View(Tree tree, long generation, long logStart) {}

    /** A look-up in a tree; may run more than once. */
    interface Reader<T> {
        T read(Tree tree) throws IOException;
    }

    private volatile View view;

    Trees(View first) {
        this.view = first;
    }

    View view() {
        return view;
    }

    void publish(View next) {
        view = next;
    }

    <T> T read(Reader<T> reader) throws IOException {
        while (true) {
            View used = view;
            try {
                T result = reader.read(used.tree);
                if (isStill(used)) {
                    return result;
                }
            } catch (HoldfastException e) {
                if (isStill(used)) {
                    throw e;
                }
            }
        }
    }

    private boolean isStill(View used) {
        // The loads of the nodes come before the load of the generation that judges them.
        VarHandle.loadLoadFence();
        return view.generation - used.generation < 2;
    }
}
