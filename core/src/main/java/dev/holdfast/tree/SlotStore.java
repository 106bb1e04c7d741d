package dev.holdfast.tree;

import static dev.holdfast.tree.Layout.BLOCK_BYTES;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The two superblock slots, in blocks 0 and 1. Checkpoint N goes to slot N mod 2, so the slot of
 * the one before stays whole while N is written. Not thread-safe: checkpoints are written one at a
 * time.
 */
public final class SlotStore {
    /**
     * The slots of a volume.
     *
     * @param valid sound slots, the newest first; at least one
     * @param damaged why each other one is not
     */
    public record Loaded(List<Slot> valid, List<Damaged> damaged) {
        /** Returns the newest sound slot. */
        public Slot newest() {
            return valid.getFirst();
        }
    }

    /**
     * A slot that cannot be used.
     *
     * @param index 0 or 1
     * @param reason the check that failed
     */
    public record Damaged(int index, String reason) {}

    private SlotStore() {}

    /**
     * Reads both slots.
     *
     * @throws HoldfastException INVALID when the device holds no volume; NOT_SUPPORTED when a newer
     *     format wrote it; CORRUPT when the device is shorter than its volume, both slots are
     *     damaged, or they are of different volumes
     */
    public static Loaded load(DaxDevice device) throws HoldfastException {
        var valid = new ArrayList<Slot>();
        var damaged = new ArrayList<Damaged>();
        boolean magic = false;
        for (int index = 0; index < Layout.SLOTS; index++) {
            if (device.sizeBytes() < (long) Layout.SLOTS * BLOCK_BYTES) {
                break;
            }
            byte[] bytes = new byte[Layout.SLOT_BYTES];
            device.get((long) index * BLOCK_BYTES, bytes, 0, bytes.length);
            magic |= LittleEndian.getLong(bytes, Layout.SLOT_MAGIC_AT) == Layout.SLOT_MAGIC;
            String problem = problemOfForm(device, bytes);
            if (problem == null) {
                problem = decode(index, bytes, valid);
            }
            if (problem != null) {
                damaged.add(new Damaged(index, problem));
            }
        }
        if (!magic) {
            throw new HoldfastException(ErrorCode.INVALID, device.name()
                    + " is not a Holdfast volume: no magic in either superblock slot");
        }
        if (valid.isEmpty()) {
            throw new HoldfastException(ErrorCode.CORRUPT, "both superblock slots of "
                    + device.name() + " are damaged: slot 0: " + damaged.get(0).reason()
                    + "; slot 1: " + damaged.get(1).reason());
        }
        return checked(device, valid, damaged);
    }

    private static Loaded checked(DaxDevice device, List<Slot> valid, List<Damaged> damaged)
            throws HoldfastException {
        valid.sort(Comparator.comparingLong(Slot::generation).reversed());
        Slot newest = valid.getFirst();
        if (!valid.getLast().geometry().equals(newest.geometry())) {
            throw new HoldfastException(ErrorCode.CORRUPT, "the superblock slots of "
                    + device.name() + " are of different volumes: "
                    + newest.geometry() + " and " + valid.getLast().geometry());
        }
        long volumeBlocks = newest.geometry().volumeBlocks();
        if (device.sizeBytes() / BLOCK_BYTES < volumeBlocks) {
            throw new HoldfastException(ErrorCode.CORRUPT, device.name() + " is truncated: it has "
                    + device.sizeBytes() + " bytes, its volume " + volumeBlocks * BLOCK_BYTES);
        }
        return new Loaded(List.copyOf(valid), List.copyOf(damaged));
    }

    /**
     * Returns what is wrong with magic or checksum, or null; a version we cannot read is thrown.
     */
    private static String problemOfForm(DaxDevice device, byte[] bytes) throws HoldfastException {
        if (LittleEndian.getLong(bytes, Layout.SLOT_MAGIC_AT) != Layout.SLOT_MAGIC) {
            return "magic";
        }
        if (LittleEndian.getInt(bytes, Layout.SLOT_CRC_AT) != Slot.checksum(bytes)) {
            return "checksum";
        }
        int version = LittleEndian.getInt(bytes, Layout.SLOT_VERSION_AT);
        if (version > Layout.FORMAT_VERSION) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED, device.name()
                    + " has format version " + version + "; this program reads "
                    + Layout.FORMAT_VERSION + ": use a newer one");
        }
        if (version > 0 && version < Layout.FORMAT_VERSION) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED, device.name()
                    + " has format version " + version
                    + ", from before release; this program reads "
                    + Layout.FORMAT_VERSION + ": copy the files with the program that made it");
        }
        return version == Layout.FORMAT_VERSION ? null : "version " + version;
    }

    private static String decode(int index, byte[] bytes, List<Slot> valid) {
        try {
            Slot slot = Slot.decode(bytes);
            if (indexOf(slot.generation()) != index) {
                return "generation " + slot.generation() + " belongs in the other slot";
            }
            valid.add(slot);
            return null;
        } catch (HoldfastException problem) {
            return problem.getMessage();
        }
    }

    /** Returns the slot of a generation. */
    public static int indexOf(long generation) {
        return (int) (generation & 1);
    }

    /**
     * Writes a slot, over that of two generations ago. One barrier; durable on return.
     *
     * @throws IOException when the device cannot persist; then either checkpoint may be the newest
     */
    public static void write(DaxDevice device, Slot slot) throws IOException {
        long offset = (long) indexOf(slot.generation()) * BLOCK_BYTES;
        device.put(offset, slot.encode(), 0, Layout.SLOT_BYTES);
        device.persist(offset, Layout.SLOT_BYTES);
    }

    /**
     * Forgets a checkpoint: its slot is blank. One barrier; durable on return.
     *
     * @param generation the checkpoint's; its slot holds no other
     */
    public static void erase(DaxDevice device, long generation) throws IOException {
        long offset = (long) indexOf(generation) * BLOCK_BYTES;
        device.zero(offset, BLOCK_BYTES);
        device.persist(offset, BLOCK_BYTES);
    }

    /** Makes the device hold no volume any more: the first step of mkfs. Durable on return. */
    public static void erase(DaxDevice device) throws IOException {
        long length = (long) Layout.SLOTS * BLOCK_BYTES;
        device.zero(0, length);
        device.persist(0, length);
    }
}
