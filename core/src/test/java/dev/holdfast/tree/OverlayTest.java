package dev.holdfast.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OverlayTest {
    private static final byte[] A = {1};
    private static final byte[] B = {2, 2};

    private Overlay base;
    private Overlay overlay;

    @BeforeEach
    void create() {
        base = new Overlay(new NoItems());
        base.put(key(10), A);
        base.put(key(20), A);
        base.put(key(30), A);
        overlay = new Overlay(base);
    }

    private static final class NoItems implements Items {
        @Override
        public byte[] get(Key key) {
            return null;
        }

        @Override
        public Item floor(Key key) {
            return null;
        }

        @Override
        public void scan(Key fromInclusive, Key toExclusive, ItemVisitor visitor) {}
    }

    private static Key key(long n) {
        return new Key(0, 0, n);
    }

    private String scan(long from, long to) throws IOException {
        var seen = new ArrayList<String>();
        overlay.scan(key(from), key(to), (key, value) -> seen.add(key.offset() + "=" + value[0]));
        return String.join(" ", seen);
    }

    @Test
    void changesHideTheBase() throws IOException {
        overlay.put(key(10), B);
        overlay.remove(key(20));
        overlay.put(key(25), B);
        assertThat(overlay.get(key(10))).isEqualTo(B);
        assertThat(overlay.get(key(20))).isNull();
        assertThat(overlay.get(key(30))).isEqualTo(A);
        assertThat(scan(0, 100)).isEqualTo("10=2 25=2 30=1");
        assertThat(scan(11, 30)).isEqualTo("25=2");
        assertThat(scan(30, 30)).isEmpty();
        assertThat(scan(40, 30)).isEmpty();
        assertThat(base.get(key(20))).isEqualTo(A);
    }

    @Test
    void floorStepsOverWhatIsRemovedInBoth() throws IOException {
        overlay.remove(key(20));
        overlay.put(key(15), B);
        overlay.put(key(17), B);
        overlay.remove(key(17));
        assertThat(overlay.floor(key(29)).key()).isEqualTo(key(15));
        assertThat(overlay.floor(key(14)).key()).isEqualTo(key(10));
        overlay.remove(key(10));
        assertThat(overlay.floor(key(14))).isNull();
        assertThat(overlay.floor(key(99)).key()).isEqualTo(key(30));
    }

    @Test
    void changesAreCountedOncePerKey() {
        overlay.put(key(1), A);
        overlay.put(key(1), B);
        overlay.put(key(2), A);
        overlay.remove(key(2));
        overlay.remove(key(2));
        overlay.remove(key(3));
        assertThat(overlay.changedItems()).isEqualTo(3);
        assertThat(overlay.changedBytes()).isEqualTo(24 + 2);
        assertThat(overlay.changes()).containsEntry(key(1), B).containsEntry(key(3), null);
        assertThatThrownBy(() -> overlay.changes().clear())
                .isInstanceOf(UnsupportedOperationException.class);
    }

    /** As a replay does to free space: it moves the start of a run, again and again. */
    @Test
    void aFloorDoesNotWalkOverWhatWasRemoved() throws IOException {
        int moves = 200_000;
        for (int i = 0; i < moves; i++) {
            overlay.remove(key(100 + i));
            overlay.put(key(101 + i), B);
            // Walking over the removals would make this loop take minutes.
            assertThat(overlay.floor(key(100 + i)).key()).isEqualTo(key(30));
        }
        assertThat(overlay.floor(key(1L << 40)).key()).isEqualTo(key(100 + moves));
        overlay.remove(key(30));
        assertThat(overlay.floor(key(99)).key()).isEqualTo(key(20));
    }

    @Test
    void aFloorIsTheHigherOfWhatWasPutAndWhatIsLeft() throws IOException {
        overlay.put(key(15), B);
        assertThat(overlay.floor(key(19)).key()).isEqualTo(key(15));
        assertThat(overlay.floor(key(20)).key()).isEqualTo(key(20));
        overlay.remove(key(20));
        assertThat(overlay.floor(key(29)).key()).isEqualTo(key(15));
        overlay.remove(key(15));
        assertThat(overlay.floor(key(29)).key()).isEqualTo(key(10));
        overlay.put(key(10), B);
        assertThat(overlay.floor(key(10)).value()).isEqualTo(B);
        overlay.remove(key(10));
        assertThat(overlay.floor(key(29))).isNull();
    }
}
