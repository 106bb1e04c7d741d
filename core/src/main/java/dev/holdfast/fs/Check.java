package dev.holdfast.fs;

import dev.holdfast.alloc.RunVisitor;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.CheckReport;
import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.CheckReport.Place;
import dev.holdfast.log.EpochTable;
import dev.holdfast.mutant.Mutants;
import dev.holdfast.tree.Items;
import dev.holdfast.tree.Slot;
import dev.holdfast.tree.SlotStore;
import java.io.IOException;
import java.util.List;

/**
 * Examines a volume that is not mounted, and stores nothing: what a mount would recover is made
 * in an overlay.
 *
 * <ol>
 * <li>superblock slots and epoch tables, each copy;
 * <li>each slot by itself: its tree, node by node, and the log replayed over it;
 * <li>the state recovered: its items, names and links, and the owner of every block;
 * <li>that both slots lead to that state.
 * </ol>
 *
 * <p>Damage is a finding, never an exception, except where there is no volume to examine.
 */
public final class Check {
    private final DaxDevice device;
    private final CheckFindings findings = new CheckFindings();
    private CheckReport report;
    /** The items of the slot that a mount takes. */
    private CheckItems taken;

    private Check(DaxDevice device) {
        this.device = device;
    }

    /**
     * Examines the volume on {@code device}, which nobody changes meanwhile.
     *
     * @throws HoldfastException INVALID: not a volume; NOT_SUPPORTED: of a newer format
     * @throws IOException when the device cannot be read
     */
    public static CheckReport run(DaxDevice device) throws IOException {
        return examine(device).report();
    }

    /** Examines as {@link #run} does, for who wants to know more than the report. */
    public static Check examine(DaxDevice device) throws IOException {
        Check check = new Check(device);
        check.findings.collect(Area.SUPERBLOCK, Place.VOLUME, check::slots);
        check.report = check.findings.report();
        return check;
    }

    /** Returns what was found. */
    public CheckReport report() {
        return report;
    }

    /** Returns a number that stands for every item a mount recovers; 0 when nothing is whole. */
    public long digest() {
        return taken == null ? 0 : taken.digest();
    }

    /** Shows each run of blocks that is a file's: block, count. In no order. */
    public void forEachFileRun(RunVisitor visitor) {
        if (taken != null) {
            taken.owners().forEachFileRun(visitor);
        }
    }

    private void slots() throws IOException {
        SlotStore.Loaded slots = SlotStore.load(device);
        findings.slots = slots.valid().size();
        for (SlotStore.Damaged damaged : slots.damaged()) {
            if (!isBeforeFirstUse(slots, damaged.index())) {
                findings.spareLost(Area.SUPERBLOCK, Place.block(damaged.index()),
                        "superblock slot " + damaged.index() + ": " + damaged.reason());
            }
        }
        requireConsecutive(slots.valid());
        if (findings.collect(Area.EPOCHS, Place.block(2), this::epochs)) {
            checkpoints(slots.valid());
        }
    }

    /** mkfs writes one slot and leaves the other blank until the second checkpoint. */
    private boolean isBeforeFirstUse(SlotStore.Loaded slots, int index) {
        if (slots.newest().generation() != 1) {
            return false;
        }
        return device.firstNonZero(
                (long) index * Limits.BLOCK_BYTES, Limits.BLOCK_BYTES) < 0;
    }

    private void requireConsecutive(List<Slot> valid) {
        if (valid.size() == 2
                && valid.getFirst().generation() != valid.getLast().generation() + 1) {
            findings.damage(Area.SUPERBLOCK, Place.VOLUME, "the slots hold checkpoints "
                    + valid.getFirst().generation() + " and " + valid.getLast().generation()
                    + ", which do not follow each other");
        }
    }

    private void epochs() throws HoldfastException {
        EpochTable table = EpochTable.load(device);
        if (table.isEmpty()) {
            throw new HoldfastException(ErrorCode.CORRUPT, "both epoch tables are blank");
        }
        EpochTable.problems(device).forEach((copy, problem) ->
                findings.spareLost(Area.EPOCHS, Place.block(EpochTable.blockOf(copy)), problem));
    }

    /** Examines each slot, the newest first; the first that holds is what a mount takes. */
    private void checkpoints(List<Slot> valid) throws IOException {
        long end = 0;
        for (Slot slot : valid) {
            boolean newest = slot == valid.getFirst();
            CheckTree tree = new CheckTree(device, slot, newest, findings);
            boolean whole = tree.run();
            Mount.Replayed replayed = replay(slot, newest);
            if (!whole || replayed == null) {
                continue;
            }
            tree.bitmaps(Mount.chunks(replayed));
            Items items = replayed.fold().items();
            if (taken == null) {
                findings.logRecords = replayed.log().records();
                taken = new CheckItems(device, slot.geometry(), replayed.fold().nextInode(),
                        findings);
                taken.run(items);
                end = replayed.log().endLsn();
            } else if (replayed.log().endLsn() != end
                    || taken.digest() != CheckItems.digest(items)) {
                findings.damage(Area.LOG, Place.lsn(slot.logStartLsn()), "checkpoint "
                        + slot.generation() + " with its log ends elsewhere, or in another state,"
                        + " than " + valid.getFirst().generation() + " with its own");
            }
        }
        if (taken == null) {
            findings.damage(Area.TREE, Place.VOLUME,
                    "no checkpoint is whole: files and space were not examined");
        }
    }

    /** Replays a slot's log; null when it does not fold. */
    private Mount.Replayed replay(Slot slot, boolean newest) throws IOException {
        try {
            return Mount.replay(device, slot, EpochTable.load(device), Mutants.NONE);
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.CORRUPT) {
                throw e;
            }
            Place place = Place.lsn(slot.logStartLsn());
            if (newest) {
                findings.damage(Area.LOG, place, e.getMessage());
            } else {
                findings.spareLost(Area.LOG, place, "the older checkpoint, " + slot.generation()
                        + ", does not mount: " + e.getMessage());
            }
            return null;
        }
    }
}
