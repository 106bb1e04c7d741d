package dev.holdfast;

import static dev.holdfast.TestVolume.BLOCK;
import static dev.holdfast.TestVolume.bytes;
import static dev.holdfast.TestVolume.put;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A file of twelve thousand extents, shortened in records of 64 extents at most. */
class FragmentationTest {
    private static final int EXTENTS = 12_000;

    private TestVolume test;
    private DaxFile file;
    private long unused;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.inMemory(128 << 20);
        unused = test.unusedBytes();
        file = test.create("/f");
        byte[] one = bytes(1, 1);
        for (int i = 0; i < EXTENTS; i++) {
            put(file, 2L * i * BLOCK, one);
        }
    }

    @AfterEach
    void close() throws IOException {
        file.close();
        test.close();
    }

    private void reopen() throws IOException {
        file.close();
        test.remount();
        file = test.open("/f");
    }

    @Test
    @DisplayName("A fragmented file survives a remount, and is cut, punched and removed whole")
    void aFragmentedFileIsCutPunchedAndRemoved() throws IOException {
        assertThat(file.extents()).hasSize(EXTENTS);
        reopen();
        assertThat(file.extents()).hasSize(EXTENTS);
        file.truncate(EXTENTS * (long) BLOCK + 10);
        assertThat(file.extents()).hasSize(EXTENTS / 2 + 1);
        reopen();
        assertThat(file.extents()).hasSize(EXTENTS / 2 + 1);
        file.punchHole(1, EXTENTS / 2 * (long) BLOCK);
        assertThat(file.extents()).hasSize(EXTENTS / 4 + 2);
        assertThat(TestVolume.read(file, 0, 1)).containsOnly(1);
        assertThat(TestVolume.read(file, 2L * (EXTENTS / 2 - 1) * BLOCK, 1)).containsOnly(1);
        file.close();
        test.remount();
        test.volume().unlink("/f");
        assertThat(test.unusedBytes()).isEqualTo(unused);
        file = test.create("/f");
    }

    @Test
    @DisplayName("A cut that a kill interrupts anywhere is finished by the next mount")
    void aCutThatAKillInterruptsIsFinished() throws IOException {
        file.truncate(1000);
        test.volume().sync();
        test.kill();
        file = test.open("/f");
        assertThat(file.size()).isEqualTo(1000);
        assertThat(file.extents()).hasSize(1);
    }
}
