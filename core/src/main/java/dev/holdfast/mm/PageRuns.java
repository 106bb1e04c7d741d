package dev.holdfast.mm;

import java.io.IOException;

/** Takes runs of pages of a file, one call a run, in no promised order. */
@FunctionalInterface
public interface PageRuns {
    /** Takes the {@code pages} pages from {@code filePage}. */
    void run(long filePage, long pages) throws IOException;
}
