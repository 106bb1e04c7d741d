package dev.holdfast.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.AddressWindow;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Counts the calls, each of which would be a system call. */
class MappingWindowTest {
    private static final long PAGE = 4096;

    private final PageTable table = new PageTable(1024);
    private final Calls calls = new Calls();

    @Test
    void aRunIsLaidInOneCallAndOnlyOnce() throws IOException {
        MappingWindow window = new MappingWindow(table, calls, 1);
        for (int page = 0; page < 10; page++) {
            table.insertPte(page, page < 6 ? 100 + page : 300 + page, true);
        }

        assertThat(window.isLaid(0, 10)).isFalse();
        assertThat(window.lay(0, 10, true)).isTrue();
        assertThat(calls.made).containsExactly("device 0 100 6", "device 6 306 4");
        assertThat(window.isLaid(0, 10)).isTrue();
        assertThat(window.lay(2, 9, false)).isTrue();
        assertThat(calls.made).hasSize(2);
    }

    @Test
    void onlyWhatIsNewIsLaid() throws IOException {
        MappingWindow window = new MappingWindow(table, calls, 1);
        table.insertPte(4, 104, true);
        window.lay(4, 5, true);
        for (int page = 2; page < 7; page++) {
            table.insertPte(page, 100 + page, true);
        }
        window.lay(2, 7, true);

        assertThat(calls.made).containsExactly(
                "device 4 104 1", "device 2 102 2", "device 5 105 2");
    }

    @Test
    @DisplayName("B18 a page that lacks the right stops the laying")
    void stopsAtAMissingRight() throws IOException {
        MappingWindow window = new MappingWindow(table, calls, 1);
        table.insertPte(0, 100, true);
        table.insertPte(1, 50, false);

        assertThat(window.lay(0, 2, true)).isFalse();
        assertThat(window.lay(0, 3, false)).as("page 2 is not mapped").isFalse();
        assertThat(window.lay(0, 2, false)).isTrue();
    }

    @Test
    @DisplayName("R9 a fresh hole costs no call, a relay one, a hole after a block one")
    void holes() throws IOException {
        MappingWindow window = new MappingWindow(table, calls, 1);
        table.insertZeroPmd(0);
        assertThat(window.lay(0, 512, false)).isTrue();
        assertThat(calls.made).isEmpty();

        table.unmap(3, 1);
        window.relay(3, 70, 2);
        assertThat(calls.made).containsExactly("device 3 70 2");
        window.relay(3, 70, 2);
        assertThat(calls.made).hasSize(1);

        table.insertZeroPte(4);
        window.lay(4, 5, false);
        assertThat(calls.made).last().isEqualTo("hole 4 1");
    }

    @Test
    void aRefusedCallIsMadeAgain() throws IOException {
        MappingWindow window = new MappingWindow(table, calls, 1);
        table.insertPte(0, 100, true);
        calls.refuse = true;
        assertThatThrownBy(() -> window.lay(0, 1, true)).isInstanceOf(IOException.class);
        assertThat(window.isLaid(0, 1)).isFalse();

        calls.refuse = false;
        assertThat(window.lay(0, 1, true)).isTrue();
        assertThat(calls.made).containsExactly("device 0 100 1");
    }

    @Test
    void aLargeMappingUnitIsLaidWholeBelowAHugeEntry() throws IOException {
        MappingWindow window = new MappingWindow(table, calls, 512);
        table.insertPmd(1, 2048, true);

        assertThat(window.lay(700, 701, true)).isTrue();
        assertThat(calls.made).containsExactly("device 512 2048 512");
        assertThat(window.isLaid(512, 1024)).isTrue();
    }

    @Test
    void smallPiecesOfALargeMappingUnitAreRefused() throws IOException {
        MappingWindow window = new MappingWindow(table, calls, 512);
        table.insertPte(0, 512, true);
        table.insertZeroPmd(1);
        window.lay(512, 1024, false);

        assertThatThrownBy(() -> window.lay(0, 1, true))
                .isInstanceOfSatisfying(HoldfastException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED))
                .hasMessageContaining("2097152");
        assertThatThrownBy(() -> window.relay(600, 88 + 512, 512 - 88))
                .isInstanceOf(HoldfastException.class);
        assertThat(calls.made).isEmpty();
    }

    @Test
    void aClosedWindowIsNotRelaid() throws IOException {
        MappingWindow window = new MappingWindow(table, calls, 1);
        table.insertZeroPte(0);
        window.lay(0, 1, false);
        window.close();
        window.relay(0, 5, 1);

        assertThat(calls.made).containsExactly("close");
    }

    private static final class Calls implements AddressWindow {
        private final List<String> made = new ArrayList<>();
        private boolean refuse;

        @Override
        public MemorySegment memory() {
            return MemorySegment.NULL.reinterpret(1024 * PAGE);
        }

        @Override
        public void layDevice(long windowOffset, long deviceOffset, long length)
                throws IOException {
            record("device " + windowOffset / PAGE + " " + deviceOffset / PAGE, length);
        }

        @Override
        public void layHole(long windowOffset, long length) throws IOException {
            record("hole " + windowOffset / PAGE, length);
        }

        @Override
        public void layPrivate(long windowOffset, long deviceOffset, long length)
                throws IOException {
            record("private " + windowOffset / PAGE + " " + deviceOffset / PAGE, length);
        }

        @Override
        public void layPrivateHole(long windowOffset, long length) throws IOException {
            record("private hole " + windowOffset / PAGE, length);
        }

        @Override
        public void close() {
            made.add("close");
        }

        private void record(String call, long length) throws IOException {
            if (refuse) {
                throw new IOException("refused");
            }
            made.add(call + " " + length / PAGE);
        }
    }
}
