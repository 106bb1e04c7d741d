package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.file.FileType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which inodes stay in the heap, and which are read again. */
class InodeTableTest {
    private final List<Long> loaded = new ArrayList<>();
    private final InodeTable table = new InodeTable(ino -> {
        loaded.add(ino);
        return ino == 404 ? null : inode(ino);
    });

    private static Inode inode(long ino) {
        Attributes attributes = new Attributes();
        attributes.mode = FileType.FILE.modeBits() | 0644;
        return new Inode(ino, attributes, null);
    }

    /** Collects what nobody holds: an inode that a caller let go is gone when this returns. */
    private void collect(long ino) throws IOException {
        int before = loaded.size();
        for (int tries = 0; tries < 20 && loaded.size() == before; tries++) {
            System.gc();
            table.get(ino);
        }
    }

    @Test
    void anInodeIsReadOnceWhileSomebodyUsesIt() throws IOException {
        Inode first = table.get(7);

        assertThat(table.get(7)).isSameAs(first);
        assertThat(loaded).containsExactly(7L);
    }

    @Test
    void oneThatDoesNotExistIsAskedForEachTimeAndNotKept() throws IOException {
        assertThat(table.get(404)).isNull();
        assertThat(table.get(404)).isNull();
        assertThat(loaded).containsExactly(404L, 404L);
        assertThat(table.get(0)).as("no inode has the number 0").isNull();
        assertThat(loaded).hasSize(2);
    }

    @Test
    void oneThatNobodyUsesIsReadAgain() throws IOException {
        table.get(7);
        collect(7);
        assertThat(loaded).containsExactly(7L, 7L);
    }

    @Test
    void oneThatTheTreeDoesNotDescribeYetStaysUntilACheckpointDoes() throws IOException {
        Inode changed = table.get(7);
        changed.changedAt(100);
        table.retain(changed);
        changed = null;

        table.release(99);
        assertThat(table.retainedInodes()).singleElement()
                .satisfies(inode -> assertThat(inode.ino).isEqualTo(7));
        for (int i = 0; i < 3; i++) {
            System.gc();
            table.get(7);
        }
        assertThat(loaded).as("read again though it was retained").containsExactly(7L);

        table.release(100);
        assertThat(table.retainedInodes()).isEmpty();
        collect(7);
        assertThat(loaded).containsExactly(7L, 7L);
    }

    @Test
    void aDeletedOneIsNotFoundInTheOldTree() throws IOException {
        Inode gone = table.get(7);
        gone.changedAt(50);
        table.retain(gone);
        table.bury(gone);

        assertThat(table.get(7)).isNull();
        table.release(49);
        assertThat(table.get(7)).as("the tree up to 49 still has it").isNull();
        assertThat(loaded).containsExactly(7L);
        assertThat(table.retainedInodes()).isEmpty();

        table.release(50);
        table.get(7);
        assertThat(loaded).as("now the tree is asked").containsExactly(7L, 7L);
    }

    @Test
    void theLastHolderIsToldThatItIsTheLast() throws IOException {
        Inode inode = table.get(7);
        table.hold(inode);
        table.hold(inode);

        assertThat(table.unhold(inode)).isFalse();
        assertThat(table.isHeld(inode)).isTrue();
        assertThat(table.unhold(inode)).isTrue();
        assertThat(table.isHeld(inode)).isFalse();
    }
}
