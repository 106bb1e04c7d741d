package dev.holdfast.dax;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.holdfast.mm.PageTable;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The chunks of a file")
class ChunkDirectoryTest {
    private static final long[] HUGE_PAGES = {300, 0, 1, 2, 511, 512, 5 * 512 + 7, 301};

    private static final long PAGES = 1L << 40;

    private static ChunkDirectory empty(Fixture fixture) {
        return new ChunkDirectory(fixture.space.context(), new LongAdder());
    }

    @Test
    @DisplayName("are found by page, and in order, in whatever order they were added")
    void foundInOrder() throws Exception {
        try (Fixture fixture = Fixture.plain()) {
            ChunkDirectory chunks = empty(fixture);
            List<EntryChunk> added = new ArrayList<>();
            for (long huge : HUGE_PAGES) {
                added.add(chunks.findOrAdd(huge * PageTable.HUGE_PAGES + 3));
            }
            for (int i = 0; i < HUGE_PAGES.length; i++) {
                assertThat(chunks.find(HUGE_PAGES[i] * PageTable.HUGE_PAGES))
                        .isSameAs(added.get(i));
            }
            assertThat(chunks.find(3 * PageTable.HUGE_PAGES)).isNull();
            assertThat(chunks.find(513 * PageTable.HUGE_PAGES)).isNull();
            assertThat(chunks.find(3 * 512 * PageTable.HUGE_PAGES)).isNull();
            assertThat(inOrder(chunks)).containsExactly(0L, 1L, 2L, 300L, 301L, 511L, 512L, 2567L);
        }
    }

    private static List<Long> inOrder(ChunkDirectory chunks) {
        List<Long> huge = new ArrayList<>();
        EntryChunk chunk = chunks.next(0, PAGES);
        while (chunk != null) {
            huge.add(chunk.firstPage() / PageTable.HUGE_PAGES);
            chunk = chunks.next(chunk.firstPage() + PageTable.HUGE_PAGES, PAGES);
        }
        return huge;
    }

    @Test
    @DisplayName("of a small file take less than a KiB of the heap: a volume has many small files")
    void smallFile() throws Exception {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Fixture fixture = Fixture.plain()) {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 5; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                empty(fixture).findOrAdd(0);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).isLessThan(1024);
        }
    }
}
