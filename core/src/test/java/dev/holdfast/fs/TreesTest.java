package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.tree.Root;
import dev.holdfast.tree.Tree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads of a tree whose nodes may be written over meanwhile. */
class TreesTest {
    private DaxDevice device;

    @BeforeEach
    void make() throws IOException {
        device = MemfdDevice.create("trees", 1 << 20);
    }

    @AfterEach
    void close() throws IOException {
        device.close();
    }

    private Trees.View view(long generation) throws HoldfastException {
        return new Trees.View(new Tree(device, Root.EMPTY), generation, 0);
    }

    @Test
    void aReadOfTheNewestTreeRunsOnce() throws IOException {
        Trees trees = new Trees(view(5));
        List<Tree> read = new ArrayList<>();

        assertThat(trees.<String>read(tree -> {
            read.add(tree);
            return "found";
        })).isEqualTo("found");
        assertThat(read).containsExactly(trees.view().tree());
    }

    @Test
    void oneCheckpointMeanwhileLeavesTheTreeWhole() throws IOException {
        Trees trees = new Trees(view(5));
        List<Tree> read = new ArrayList<>();

        trees.read(tree -> {
            read.add(tree);
            trees.publish(view(6));
            return null;
        });
        assertThat(read).hasSize(1);
    }

    @Test
    void afterTwoCheckpointsTheReadIsDoneAgainOnTheNewestTree() throws IOException {
        Trees trees = new Trees(view(5));
        List<Tree> read = new ArrayList<>();

        String answer = trees.read(tree -> {
            read.add(tree);
            if (read.size() == 1) {
                trees.publish(view(6));
                trees.publish(view(7));
                return "from nodes that may have been written over";
            }
            return "whole";
        });
        assertThat(answer).isEqualTo("whole");
        assertThat(read).hasSize(2).last().isSameAs(trees.view().tree());
    }

    @Test
    void damageSeenInANodeThatMayHaveBeenWrittenOverIsNotReported() throws IOException {
        Trees trees = new Trees(view(5));
        List<Tree> read = new ArrayList<>();

        assertThat(trees.<String>read(tree -> {
            read.add(tree);
            if (read.size() == 1) {
                trees.publish(view(7));
                throw new HoldfastException(ErrorCode.CORRUPT, "half of a node");
            }
            return "whole";
        })).isEqualTo("whole");
    }

    @Test
    void damageInATreeThatIsStillThereIsReported() throws IOException {
        Trees trees = new Trees(view(5));

        assertThatExceptionOfType(HoldfastException.class).isThrownBy(() -> trees.read(tree -> {
            trees.publish(view(6));
            throw new HoldfastException(ErrorCode.CORRUPT, "a damaged node");
        })).withMessage("a damaged node");
    }
}
