package dev.holdfast;

import static dev.holdfast.TestVolume.BLOCK;
import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.bytes;
import static dev.holdfast.TestVolume.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Files without a name: alive as long as somebody holds them, and gone afterwards. */
class OrphanTest {
    private TestVolume test;
    private long free;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.on(TestMedium.TRACED, 4 << 20);
        test.volume().createFile("/other").close();
        test.volume().checkpoint();
        free = test.volume().space().freeBytes();
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    private void assertAllFree() throws IOException {
        test.volume().sync();
        assertThat(test.volume().space().freeBytes()).isEqualTo(free);
        assertThat(test.names("/")).containsExactly("other");
    }

    @Test
    void anOpenFileStaysReadableAndWritableAfterItsLastNameIsGone() throws IOException {
        try (DaxFile file = test.create("/f")) {
            put(file, 0, bytes(BLOCK, 1));
            test.volume().unlink("/f");
            assertThat(test.volume().exists("/f")).isFalse();
            assertThat(file.stat().links()).isZero();
            put(file, BLOCK, bytes(BLOCK, 1));
            file.truncate(2 * BLOCK + 100);
            file.punchHole(10, 20);
            file.fsync();
            assertThat(TestVolume.read(file, 100, 2 * BLOCK - 100)).containsOnly(1);
            test.volume().checkpoint();
        }
        assertAllFree();
        test.remount();
        assertAllFree();
    }

    @Test
    void twoHandlesOfOneFileAreTwoHolds() throws IOException {
        DaxFile one = test.create("/f");
        DaxFile two = test.open("/f");
        put(one, 0, bytes(BLOCK, 1));
        test.volume().unlink("/f");
        one.close();
        one.close();
        assertThat(TestVolume.read(two)).containsOnly(1);
        assertThat(test.volume().space().freeBytes()).isLessThan(free);
        two.close();
        assertAllFree();
    }

    @Test
    void aMappingHoldsAFileWithoutNameOrHandle() throws IOException {
        DaxFile file = test.create("/f");
        file.truncate(4 * BLOCK);
        Mapping mapping = file.map(MapMode.SYNC, 0, 4 * BLOCK);
        test.volume().unlink("/f");
        file.close();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = mapping.writable(0, 4 * BLOCK, arena);
            segment.fill((byte) 3);
            mapping.persist(0, 4 * BLOCK);
            mapping.close();
            test.volume().checkpoint();
            assertThat(segment.get(ValueLayout.JAVA_BYTE, 3 * BLOCK)).isEqualTo((byte) 3);
            assertThat(test.volume().space().freeBytes()).isLessThan(free);
        }
        assertAllFree();
    }

    @Test
    @DisplayName("An orphan that nobody closed is gone after the next mount, with all its blocks")
    void anOrphanThatNobodyClosedIsGoneAfterTheNextMount() throws IOException {
        for (boolean checkpoint : new boolean[] {false, true}) {
            DaxFile file = test.create("/f");
            put(file, 0, bytes(30 * BLOCK, 1));
            test.volume().setXattr("/f", "user.a", bytes(100, 1), XattrMode.CREATE);
            test.volume().unlink("/f");
            test.volume().sync();
            if (checkpoint) {
                test.volume().checkpoint();
            }
            test.crash(7);
            assertAllFree();
        }
    }

    @Test
    void anOrphanOfManyExtentsGoesInBoundedRecordsAfterACrash()
            throws IOException {
        long unused = test.unusedBytes();
        DaxFile file = test.create("/f");
        for (int i = 0; i < 400; i++) {
            put(file, 2L * i * BLOCK, bytes(1, i));
        }
        test.volume().unlink("/f");
        test.volume().sync();
        test.crash(3);
        test.volume().sync();
        assertThat(test.names("/")).containsExactly("other");
        assertThat(test.unusedBytes()).isEqualTo(unused);
    }

    @Test
    void anOrphanCannotBeLinkedOrFoundAgain() throws IOException {
        try (DaxFile file = test.create("/f")) {
            test.volume().unlink("/f");
            assertFails(ErrorCode.NOT_FOUND, () -> test.open("/f"));
            assertFails(ErrorCode.NOT_FOUND, () -> test.volume().link("/f", "/g"));
            assertFails(ErrorCode.NOT_FOUND, () -> test.volume().unlink("/f"));
            test.volume().createFile("/f").close();
            assertThat(test.volume().stat("/f").inode()).isNotEqualTo(file.stat().inode());
        }
        test.volume().unlink("/f");
        assertAllFree();
    }
}
