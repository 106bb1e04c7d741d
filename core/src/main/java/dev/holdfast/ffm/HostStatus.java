package dev.holdfast.ffm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * What file system a file lies on, from {@code statfs}.
 *
 * @param magic the number that names the kind of file system
 * @param blockBytes its block size; on hugetlbfs the huge page size
 * @param availableBytes what an ordinary user can still take
 */
public record HostStatus(long magic, long blockBytes, long availableBytes) {
    static final long LAYOUT_BYTES = 120;

    private static final long TYPE = 0;
    private static final long BLOCK_SIZE = 8;
    private static final long BLOCKS_AVAILABLE = 32;

    static HostStatus decode(MemorySegment statfs) {
        long blockBytes = statfs.get(JAVA_LONG, BLOCK_SIZE);
        return new HostStatus(statfs.get(JAVA_LONG, TYPE) & 0xffffffffL, blockBytes,
                statfs.get(JAVA_LONG, BLOCKS_AVAILABLE) * blockBytes);
    }
}
