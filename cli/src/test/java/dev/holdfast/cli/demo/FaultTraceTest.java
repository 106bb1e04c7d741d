package dev.holdfast.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.MapMode;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FaultTraceTest {
    @Test
    @DisplayName("P1, S5: begin, dirty, needs fdatasync, fdatasync to its LSN, insert writable")
    void aSyncFaultTellsTheProtocol() throws IOException {
        assertThat(FaultTrace.of(MapMode.SYNC, false)).containsExactly(
                "write PTE fault, page 0 of a sync mapping",
                "  iomap: MAPPED, 4096 bytes, new, dirty",
                "  mapping entry: pfn 1024, clean",
                "  needs data sync: pfn 1024 handed back, page table untouched",
                "  NeedDataSync[major=true]",
                "  fdatasync 0 + 4096, to LSN 16391 (durable: LSN 16390) ...",
                "  ... durable: LSN 16391",
                "  page table: PTE of page 0, pfn 1024, writable",
                "  Mapped[order=PTE, major=true]");
    }

    @Test
    @DisplayName("M6: the same at 2 MiB")
    void aHugeSyncFaultTellsTheProtocol() throws IOException {
        assertThat(FaultTrace.of(MapMode.SYNC, true)).containsExactly(
                "write PMD fault, page 0 of a sync mapping",
                "  iomap: MAPPED, 2097152 bytes, new, dirty",
                "  mapping entry: pfn 1024, clean",
                "  needs data sync: pfn 1024 handed back, page table untouched",
                "  NeedDataSync[major=true]",
                "  fdatasync 0 + 2097152, to LSN 16391 (durable: LSN 16390) ...",
                "  ... durable: LSN 16391",
                "  page table: PMD of page 0, pfn 1024, writable",
                "  Mapped[order=PMD, major=true]");
    }

    @Test
    @DisplayName("P4: a plain fault is done at once")
    void aPlainFaultWaitsForNothing() throws IOException {
        assertThat(FaultTrace.of(MapMode.SHARED, false)).containsExactly(
                "write PTE fault, page 0 of a plain mapping",
                "  iomap: MAPPED, 4096 bytes, new, dirty",
                "  mapping entry: pfn 1024, dirty",
                "  page table: PTE of page 0, pfn 1024, writable",
                "  Mapped[order=PTE, major=true]");
    }
}
