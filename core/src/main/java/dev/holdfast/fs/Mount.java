package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.log.EpochTable;
import dev.holdfast.log.Log;
import dev.holdfast.log.LogGeometry;
import dev.holdfast.log.LogRecovery;
import dev.holdfast.log.RecoveredLog;
import dev.holdfast.mutant.Mutants;
import dev.holdfast.tree.NodeSpace;
import dev.holdfast.tree.Overlay;
import dev.holdfast.tree.Slot;
import dev.holdfast.tree.SlotStore;
import dev.holdfast.tree.Tree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Mounting: what docs/architecture.md says under this name.
 *
 * <p>The newer slot is tried first. When its tree, its log or its liveness bitmaps do not hold, the
 * older one is: its own log is longer and tells the same story. When neither holds the volume is
 * refused, with the first reason.
 */
public final class Mount {
    private final DaxDevice device;
    private final MountOptions options;
    private final Slot slot;
    private final Fold fold;
    private final Trees trees;
    private final NodeSpace nodes;
    private final Log log;

    private Mount(DaxDevice device, MountOptions options, Recovered recovered, Log log) {
        this.device = device;
        this.options = options;
        this.slot = recovered.slot();
        this.fold = recovered.replayed.fold;
        this.trees = new Trees(new Trees.View(recovered.replayed.tree, slot.generation(),
                slot.logStartLsn()));
        this.nodes = recovered.nodes;
        this.log = log;
    }

    /** A slot whose log was replayed over its tree. */
    record Replayed(Slot slot, Tree tree, Fold fold, RecoveredLog log) {}

    /** What a mount goes on from: the newest slot that holds, and which nodes are in use. */
    private record Recovered(Replayed replayed, EpochTable epochs, NodeSpace nodes) {
        Slot slot() {
            return replayed.slot;
        }
    }

    /** Recovers the volume on {@code device} and returns it, ready for use. */
    public static FileSystem mount(DaxDevice device, MountOptions options) throws IOException {
        SlotStore.Loaded slots = SlotStore.load(device);
        expectSmallPersists(device, slots.valid().getFirst());
        Recovered recovered = recover(device, slots, options.mutants());
        long oldest = slots.valid().stream()
                .filter(slot -> slot.generation() <= recovered.slot().generation())
                .mapToLong(Slot::logStartLsn).min().orElseThrow();
        Log log = Log.open(device, geometry(recovered.slot()), recovered.epochs,
                recovered.replayed.log, options.random().nextLong() | 1, oldest,
                options.mutants());
        for (Slot slot : slots.valid()) {
            if (slot.generation() > recovered.slot().generation()) {
                // The next checkpoint has its number and takes the nodes of its tree: after a
                // crash in the middle nothing would tell the new nodes from the old ones.
                SlotStore.erase(device, slot.generation());
            }
        }
        Mount mount = new Mount(device, options, recovered, log);
        FileSystem fs = new FileSystem(mount);
        fs.start(mount.fold);
        return fs;
    }

    /** Superblocks, epochs and log are persisted by the line. */
    private static void expectSmallPersists(DaxDevice device, Slot newest) throws IOException {
        LogGeometry log = geometry(newest);
        device.expectSmallPersists(0, Math.min(device.sizeBytes(),
                (log.firstBlock() + log.blocks()) * DaxDevice.BLOCK_BYTES));
    }

    /** Replays the log of the newest slot that holds; writes nothing. */
    private static Recovered recover(DaxDevice device, SlotStore.Loaded slots, Mutants mutants)
            throws IOException {
        EpochTable epochs = EpochTable.load(device);
        HoldfastException first = null;
        for (Slot slot : slots.valid()) {
            try {
                Replayed replayed = replay(device, slot, epochs, mutants);
                requireReaches(replayed.log, slots.newest());
                NodeSpace nodes = new NodeSpace(device, mutants);
                nodes.load(slot.generation(), chunks(replayed));
                return new Recovered(replayed, epochs, nodes);
            } catch (HoldfastException e) {
                if (e.code() != ErrorCode.CORRUPT) {
                    throw e;
                }
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        throw first;
    }

    /** The log up to a slot's start was durable before the slot: to lose its end is damage. */
    private static void requireReaches(RecoveredLog log, Slot newest) throws HoldfastException {
        if (log.endLsn() < newest.logStartLsn()) {
            throw new HoldfastException(ErrorCode.CORRUPT, "the log ends at LSN " + log.endLsn()
                    + ", before " + newest.logStartLsn() + ", up to which checkpoint "
                    + newest.generation() + " took it in");
        }
    }

    /** Replays the log of one slot; writes nothing. */
    static Replayed replay(DaxDevice device, Slot slot, EpochTable epochs, Mutants mutants)
            throws IOException {
        Slot.Geometry geometry = slot.geometry();
        Tree tree = new Tree(device, slot.root());
        SipHash hash = new SipHash(geometry.hashKey0(), geometry.hashKey1());
        Fold fold = new Fold(new Overlay(tree), hash, geometry.volumeBlocks(), slot.nextInode());
        RecoveredLog log = LogRecovery.recover(device, geometry(slot), epochs, slot.logStartLsn(),
                mutants, (lsn, endLsn, payload) -> fold.apply(lsn, payload));
        return new Replayed(slot, tree, fold, log);
    }

    private static LogGeometry geometry(Slot slot) throws HoldfastException {
        Slot.Geometry geometry = slot.geometry();
        try {
            return new LogGeometry(geometry.logFirstBlock(), geometry.logBlocks());
        } catch (IllegalArgumentException e) {
            throw new HoldfastException(ErrorCode.CORRUPT,
                    "superblock slot: " + e.getMessage(), e);
        }
    }

    /** The chunks that the slot's tree holds, but for those whose blocks the log gives away. */
    static List<NodeSpace.Chunk> chunks(Replayed replayed) throws IOException {
        var changed = replayed.fold.items().changes();
        List<NodeSpace.Chunk> chunks = new ArrayList<>();
        replayed.tree.scan(ItemType.run(ItemType.CHUNK, 0),
                ItemType.end(ItemType.VOLUME, ItemType.CHUNK),
                (key, value) -> changed.containsKey(key) || chunks.add(new NodeSpace.Chunk(
                        key.offset(), (int) FoldedSpace.decode(value, key.offset()))));
        return chunks;
    }

    /** The chunks that a tree holds. */
    static List<NodeSpace.Chunk> chunks(Tree tree) throws IOException {
        List<NodeSpace.Chunk> chunks = new ArrayList<>();
        tree.scan(ItemType.run(ItemType.CHUNK, 0), ItemType.end(ItemType.VOLUME, ItemType.CHUNK),
                (key, value) -> chunks.add(new NodeSpace.Chunk(key.offset(),
                        (int) FoldedSpace.decode(value, key.offset()))));
        return chunks;
    }

    DaxDevice device() {
        return device;
    }

    MountOptions options() {
        return options;
    }

    Slot slot() {
        return slot;
    }

    Trees trees() {
        return trees;
    }

    NodeSpace nodes() {
        return nodes;
    }

    Log log() {
        return log;
    }
}
