package dev.holdfast;

import static dev.holdfast.TestVolume.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.FileType;
import dev.holdfast.file.XattrMode;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import dev.holdfast.fs.Namespace.NewInode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Access control lists are kept in step with the mode, and are inherited. */
class AclTest {
    private static final String ACCESS = "system.posix_acl_access";
    private static final String DEFAULT = "system.posix_acl_default";
    /** u::rwx,u:1000:rw-,g::r-x,m::rw-,o::--x. */
    private static final byte[] EXTENDED =
            list(1, 7, -1, 2, 6, 1000, 4, 5, -1, 16, 6, -1, 32, 1, -1);

    private TestVolume test;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.inMemory(4 << 20);
        test.create("/f").close();
        test.volume().createDirectory("/d");
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    /** Tag, rights and who of each entry. */
    private static byte[] list(int... entries) {
        ByteBuffer value = ByteBuffer.allocate(4 + entries.length / 3 * 8)
                .order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        for (int i = 0; i < entries.length; i += 3) {
            value.putShort((short) entries[i]).putShort((short) entries[i + 1])
                    .putInt(entries[i + 2]);
        }
        return value.array();
    }

    private void set(String path, String name, byte[] value) throws IOException {
        test.volume().setXattr(path, name, value, XattrMode.CREATE_OR_REPLACE);
    }

    private int mode(String path) throws IOException {
        return test.volume().stat(path).mode();
    }

    @Test
    void aListSetsTheModeAndAChmodTheList() throws IOException {
        set("/f", ACCESS, EXTENDED);
        assertThat(mode("/f")).isEqualTo(0761);
        test.volume().setAttributes("/f", new AttributeChange().mode(0640));
        test.remount();
        assertThat(mode("/f")).isEqualTo(0640);
        assertThat(test.volume().getXattr("/f", ACCESS)).isEqualTo(
                list(1, 6, -1, 2, 6, 1000, 4, 5, -1, 16, 4, -1, 32, 0, -1));
    }

    @Test
    void aListThatSaysNoMoreThanAModeIsNotKept() throws IOException {
        set("/f", ACCESS, EXTENDED);
        set("/f", ACCESS, list(1, 6, -1, 4, 4, -1, 32, 0, -1));
        test.remount();
        assertThat(mode("/f")).isEqualTo(0640);
        assertThat(test.volume().listXattrs("/f")).isEmpty();
    }

    @Test
    void whatIsMadeInADirectoryInheritsItsDefaultAndHeedsNoUmask() throws IOException {
        set("/d", DEFAULT, EXTENDED);
        FileSystem fs = VolumeLab.fileSystem(test.volume());
        Inode directory = fs.namespace().lookup(fs.root(), "d");
        fs.namespace().create(directory, "f",
                new NewInode(FileType.FILE, 0666, 0777, 0, 0, 0, null));
        fs.namespace().create(directory, "e",
                new NewInode(FileType.DIRECTORY, 0777, 0777, 0, 0, 0, null));
        fs.namespace().create(fs.root(), "plain",
                new NewInode(FileType.FILE, 0666, 022, 0, 0, 0, null));
        test.remount();
        assertThat(mode("/d/f")).isEqualTo(0660);
        assertThat(test.volume().listXattrs("/d/f")).containsExactly(ACCESS);
        assertThat(mode("/d/e")).isEqualTo(0761);
        assertThat(test.volume().getXattr("/d/e", DEFAULT)).isEqualTo(EXTENDED);
        assertThat(mode("/plain")).isEqualTo(0644);
    }

    @Test
    void aDefaultIsForDirectoriesOnly() {
        assertFails(ErrorCode.ACCESS_DENIED, () -> set("/f", DEFAULT, EXTENDED));
    }

    @ParameterizedTest
    @CsvSource({
        "no owner, '4 5 -1 32 1 -1'",
        "no others, '1 7 -1 4 5 -1'",
        "a name without a mask, '1 7 -1 2 6 5 4 5 -1 32 1 -1'",
        "out of order, '4 5 -1 1 7 -1 32 1 -1'",
        "an owner twice, '1 7 -1 1 7 -1 4 5 -1 32 1 -1'",
        "an unknown right, '1 8 -1 4 5 -1 32 1 -1'",
        "an unknown tag, '1 7 -1 4 5 -1 32 1 -1 64 1 -1'",
        "two tags in one, '1 7 -1 3 5 -1 4 5 -1 16 7 -1 32 1 -1'",
    })
    void whatIsNoListIsRefused(String what, String entries) throws IOException {
        byte[] value = list(java.util.Arrays.stream(entries.split(" "))
                .mapToInt(Integer::parseInt).toArray());
        assertFails(ErrorCode.INVALID, () -> set("/f", ACCESS, value));
        assertFails(ErrorCode.INVALID, () -> set("/f", ACCESS, new byte[0]));
        assertFails(ErrorCode.INVALID,
                () -> set("/f", ACCESS, java.util.Arrays.copyOf(EXTENDED, 9)));
        assertThat(test.volume().listXattrs("/f")).as(what).isEmpty();
    }

    @Test
    void aListOfHundredsOfNamesIsTooLong() {
        byte[] value = new byte[2056];
        assertFails(ErrorCode.NO_SPACE, () -> set("/f", ACCESS, value));
    }
}
