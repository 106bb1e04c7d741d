package dev.holdfast.faultd.server;

import dev.holdfast.device.DaxDevice;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The pages of a client that answer by a bus error without asking: a mark in its page table does
 * that. When a file grows, those that are in it now are mapped instead. Thread-safe.
 */
final class Poisoned {
    private static final System.Logger LOG = System.getLogger(Poisoned.class.getName());
    /** Beyond this, pages stay as they are until the client maps anew. */
    private static final int PAGES_MAX = 1 << 16;

    private record Page(ServedRange range, long page) {}

    private final Set<Page> pages = new LinkedHashSet<>();

    synchronized void add(ServedRange range, long page) {
        if (pages.size() < PAGES_MAX) {
            pages.add(new Page(range, page));
        }
    }

    synchronized void forget(ServedRange range) {
        pages.removeIf(page -> page.range() == range);
    }

    /** Maps pages of a file of {@code sizeBytes} bytes that it did not have before. */
    synchronized void heal(long ino, long sizeBytes) {
        for (Iterator<Page> rest = pages.iterator(); rest.hasNext(); ) {
            Page page = rest.next();
            if (page.range().ino() == ino && page.page() * DaxDevice.BLOCK_BYTES < sizeBytes) {
                try {
                    page.range().mapping().fault(page.page(), false);
                    rest.remove();
                } catch (IOException | RuntimeException e) {
                    LOG.log(Level.DEBUG, "a page stays poisoned", e);
                }
            }
        }
    }
}
