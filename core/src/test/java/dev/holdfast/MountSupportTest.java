package dev.holdfast;

import static dev.holdfast.TestVolume.BLOCK;
import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.bytes;
import static dev.holdfast.TestVolume.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dax.DaxIo;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.FileType;
import dev.holdfast.file.XattrMode;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import dev.holdfast.fs.Namespace.NewInode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a mount asks of the file system, and nobody else. */
class MountSupportTest {
    private TestVolume test;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.on(TestMedium.TRACED, 4 << 20);
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    private FileSystem fs() {
        return VolumeLab.fileSystem(test.volume());
    }

    private Inode nameless() throws IOException {
        return fs().namespace().createNameless(fs().root(),
                new NewInode(FileType.FILE, 0600, 0, 0, 0, null));
    }

    @Test
    void aNamelessFileGoesWithItsLastHolder() throws IOException {
        test.volume().checkpoint();
        long free = test.volume().space().freeBytes();
        Inode inode = nameless();
        assertThat(fs().attributes().stat(inode).links()).isZero();
        fs().truncation().setSize(inode, 10 * BLOCK);
        fs().files().allocate(inode, 0, 10 * BLOCK, AllocateMode.UNWRITTEN);
        fs().release(inode);
        test.volume().sync();
        assertThat(test.volume().space().freeBytes()).isEqualTo(free);
    }

    @Test
    void aNamelessFileThatIsGivenANameIsKept() throws IOException {
        Inode inode = nameless();
        fs().namespace().link(inode, fs().root(), "named");
        fs().release(inode);
        test.remount();
        assertThat(test.volume().stat("/named").links()).isOne();
    }

    @Test
    void aFileThatLostItsNameCannotBeGivenOne() throws IOException {
        try (DaxFile file = test.create("/f")) {
            Inode inode = fs().namespace().lookup(fs().root(), "f");
            test.volume().unlink("/f");
            assertFails(ErrorCode.NOT_FOUND,
                    () -> fs().namespace().link(inode, fs().root(), "again"));
            assertThat(file.stat().links()).isZero();
        }
        Inode named = nameless();
        fs().namespace().link(named, fs().root(), "g");
        test.volume().unlink("/g");
        assertFails(ErrorCode.NOT_FOUND, () -> fs().namespace().link(named, fs().root(), "h"));
        fs().release(named);
    }

    @Test
    void privilegesGoFromModeAndAttributes() throws IOException {
        test.create("/f").close();
        Inode inode = fs().namespace().lookup(fs().root(), "f");
        fs().attributes().change(inode, new AttributeChange().mode(06755));
        fs().xattrs().set(inode, "security.capability", bytes(8, 1), XattrMode.CREATE);
        fs().attributes().dropPrivileges(inode, group -> true);
        assertThat(test.volume().stat("/f").mode()).isEqualTo(0755);
        assertThat(test.volume().listXattrs("/f")).isEmpty();
        // Without execution by the group the bit means something else, and stays.
        fs().attributes().change(inode, new AttributeChange().mode(06745));
        fs().attributes().dropPrivileges(inode, group -> true);
        assertThat(test.volume().stat("/f").mode()).isEqualTo(02745);
        // With an outsider it goes all the same.
        fs().attributes().dropPrivileges(inode, group -> false);
        assertThat(test.volume().stat("/f").mode()).isEqualTo(0745);
    }

    @Test
    void aReadInPlaceShowsEachRunAndEachHole() throws IOException {
        try (DaxFile file = test.create("/f")) {
            put(file, BLOCK, bytes(BLOCK, 5));
            file.truncate(3 * BLOCK);
            Inode inode = fs().namespace().lookup(fs().root(), "f");
            List<String> seen = new ArrayList<>();
            long shown = fs().files().readInPlace(inode, 100, 10 * BLOCK, new DaxIo.RunReader() {
                @Override
                public void run(long deviceOffset, long length) {
                    seen.add(deviceOffset == ZEROES ? "hole " + length : "data " + length + " of "
                            + test.volume().device().getByte(deviceOffset));
                }

                @Override
                public void finish() {
                    seen.add("end");
                }
            });
            assertThat(shown).isEqualTo(3 * BLOCK - 100);
            assertThat(seen).containsExactly("hole " + (BLOCK - 100), "data " + BLOCK + " of 5",
                    "hole " + BLOCK, "end");
        }
    }

    @Test
    void everyChangeOfContentCounts() throws IOException {
        try (DaxFile file = test.create("/f")) {
            Inode inode = fs().namespace().lookup(fs().root(), "f");
            long before = inode.contentVersion();
            put(file, 0, bytes(BLOCK, 1));
            put(file, 0, bytes(10, 1));
            file.truncate(5);
            assertThat(inode.contentVersion()).isEqualTo(before + 3);
            try (Mapping mapping = file.map(MapMode.SHARED, 0, BLOCK)) {
                assertThat(fs().mappings().isWritable(inode)).isTrue();
                assertThat(mapping.lengthBytes()).isEqualTo(BLOCK);
            }
            assertThat(fs().mappings().isWritable(inode)).isFalse();
        }
    }
}
