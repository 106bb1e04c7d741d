package dev.holdfast.log;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Says which epoch holds from which LSN on: what makes records torn by an earlier crash dead for
 * good. Immutable.
 *
 * <ol>
 *   <li>mkfs: {@link #EMPTY}, {@link #begin} at the first LSN, {@link #write};
 *   <li>mount: {@link #load}, recover, {@link #begin} at the recovered end, {@link #write}; only
 *       then may a record be appended;
 *   <li>each begin drops the epochs that ended before the oldest LSN still needed.
 * </ol>
 *
 * <p>Durability: the table is stored twice, in blocks 2 and 3. {@link #write} makes the copy that
 * was not in use durable before it touches the other, so at any moment one copy is whole.
 */
public final class EpochTable {
    /** Most epochs a table holds. */
    public static final int MAX_EPOCHS = 64;
    /** The table of a volume without one. */
    public static final EpochTable EMPTY = new EpochTable(List.of(), 0, 1);

    static final long FIRST_BLOCK = 2;
    static final int COPIES = 2;
    static final int VERSION = 1;
    /** "HFEP" in the order of the bytes. */
    static final int MAGIC = 0x50454648;

    private static final ValueLayout.OfInt LE_INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE_LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final StructLayout ENTRY =
            MemoryLayout.structLayout(LE_LONG.withName("epoch"), LE_LONG.withName("startLsn"));

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            LE_INT.withName("crc32c"),
            LE_INT.withName("magic"),
            LE_INT.withName("version"),
            LE_INT.withName("count"),
            LE_LONG.withName("sequence"),
            MemoryLayout.paddingLayout(Long.BYTES),
            MemoryLayout.sequenceLayout(MAX_EPOCHS, ENTRY).withName("entries"));

    /** CRC-32C of the rest of the layout, unused entries included. */
    private static final int CRC = offset("crc32c");
    private static final int MAGIC_AT = offset("magic");
    private static final int VERSION_AT = offset("version");
    private static final int COUNT = offset("count");
    private static final int SEQUENCE = offset("sequence");
    private static final int ENTRIES = offset("entries");
    private static final int ENTRY_BYTES = (int) ENTRY.byteSize();
    private static final int TABLE_BYTES = (int) LAYOUT.byteSize();

    /**
     * An epoch.
     *
     * @param number the random number its records carry, never 0
     * @param startLsn where it begins
     */
    public record Epoch(long number, long startLsn) {}

    private final List<Epoch> epochs;
    private final long sequence;
    /** The copy that holds the newest durable table: written last. */
    private final int copyInUse;

    private EpochTable(List<Epoch> epochs, long sequence, int copyInUse) {
        this.epochs = List.copyOf(epochs);
        this.sequence = sequence;
        this.copyInUse = copyInUse;
    }

    /** Returns the epochs, oldest first; their starts rise. */
    public List<Epoch> epochs() {
        return epochs;
    }

    /** Tells whether no epoch was ever begun. */
    public boolean isEmpty() {
        return epochs.isEmpty();
    }

    /** Returns the epoch that began last; the table is not empty. */
    public Epoch newest() {
        return epochs.getLast();
    }

    /** Returns the epoch in force at an LSN, or null before the first. */
    Epoch at(long lsn) {
        for (int i = epochs.size() - 1; i >= 0; i--) {
            if (epochs.get(i).startLsn() <= lsn) {
                return epochs.get(i);
            }
        }
        return null;
    }

    /**
     * Returns where the epoch after the one in force at {@code lsn} begins, or the largest long.
     */
    long nextStartAfter(long lsn) {
        for (Epoch epoch : epochs) {
            if (epoch.startLsn() > lsn) {
                return epoch.startLsn();
            }
        }
        return Long.MAX_VALUE;
    }

    /**
     * Returns this table with a new epoch from {@code startLsn} on; nothing is written. An epoch
     * that began there too never had a record and is replaced; epochs that ended at or before
     * {@code oldestLsnStillNeeded} go.
     *
     * @throws HoldfastException NO_SPACE when the table is full: a checkpoint would shorten it
     */
    public EpochTable begin(long newEpoch, long startLsn, long oldestLsnStillNeeded)
            throws HoldfastException {
        checkNew(newEpoch, startLsn);
        List<Epoch> kept = new ArrayList<>();
        for (int i = 0; i < epochs.size(); i++) {
            long end = i + 1 < epochs.size() ? epochs.get(i + 1).startLsn() : startLsn;
            boolean isReplaced = epochs.get(i).startLsn() == startLsn;
            if (!isReplaced && end > oldestLsnStillNeeded) {
                kept.add(epochs.get(i));
            }
        }
        if (kept.size() == MAX_EPOCHS) {
            throw new HoldfastException(ErrorCode.NO_SPACE, "the epoch table holds " + MAX_EPOCHS
                    + " epochs since LSN " + oldestLsnStillNeeded + " and has room for no other;"
                    + " a checkpoint that ends a mount empties it");
        }
        kept.add(new Epoch(newEpoch, startLsn));
        return new EpochTable(kept, sequence + 1, copyInUse);
    }

    private void checkNew(long newEpoch, long startLsn) {
        if (newEpoch == 0 || epochs.stream().anyMatch(epoch -> epoch.number() == newEpoch)) {
            throw new IllegalArgumentException("epoch " + newEpoch + " is 0 or was used before");
        }
        if (!isEmpty() && startLsn < newest().startLsn()) {
            throw new IllegalArgumentException("epoch at LSN " + startLsn
                    + " would begin before the newest, at " + newest().startLsn());
        }
    }

    /** Makes this table durable: the copy not in use, barrier, the other, barrier. */
    public void write(DaxDevice device) throws IOException {
        byte[] table = encode();
        for (int copy : new int[] {1 - copyInUse, copyInUse}) {
            device.put(offsetBytes(copy), table, 0, TABLE_BYTES);
            device.persist(offsetBytes(copy), TABLE_BYTES);
        }
    }

    /**
     * Loads the newer whole copy; {@link #EMPTY} when both are blank, as before mkfs.
     *
     * @throws HoldfastException CORRUPT when no copy is whole; NOT_SUPPORTED when a whole one has a
     *     newer version
     */
    public static EpochTable load(DaxDevice device) throws HoldfastException {
        EpochTable newest = null;
        boolean blank = true;
        for (int copy = 0; copy < COPIES; copy++) {
            byte[] table = new byte[TABLE_BYTES];
            device.get(offsetBytes(copy), table, 0, TABLE_BYTES);
            blank &= isBlank(table);
            EpochTable decoded = decode(table, copy, device);
            if (decoded != null && (newest == null || decoded.sequence > newest.sequence)) {
                newest = decoded;
            }
        }
        if (newest == null && !blank) {
            throw new HoldfastException(ErrorCode.CORRUPT, "both epoch tables of " + device.name()
                    + ", blocks 2 and 3, are damaged: the log cannot be told from old records;"
                    + " restore the volume from a copy");
        }
        return newest == null ? EMPTY : newest;
    }

    /**
     * Returns what is wrong with each damaged copy, by copy. A whole copy that is older than the
     * other is no damage: it was being written.
     *
     * @throws HoldfastException NOT_SUPPORTED when a whole one has a newer version
     */
    public static Map<Integer, String> problems(DaxDevice device) throws HoldfastException {
        Map<Integer, String> problems = new TreeMap<>();
        for (int copy = 0; copy < COPIES; copy++) {
            byte[] table = new byte[TABLE_BYTES];
            device.get(offsetBytes(copy), table, 0, TABLE_BYTES);
            if (decode(table, copy, device) == null) {
                problems.put(copy, "epoch table " + copy
                        + " is damaged: checksum, magic or entries");
            }
        }
        return problems;
    }

    /** Returns the block that holds a copy. */
    public static long blockOf(int copy) {
        return FIRST_BLOCK + copy;
    }

    private byte[] encode() {
        byte[] table = new byte[TABLE_BYTES];
        LittleEndian.putInt(table, MAGIC_AT, MAGIC);
        LittleEndian.putInt(table, VERSION_AT, VERSION);
        LittleEndian.putInt(table, COUNT, epochs.size());
        LittleEndian.putLong(table, SEQUENCE, sequence);
        for (int i = 0; i < epochs.size(); i++) {
            int at = ENTRIES + i * ENTRY_BYTES;
            LittleEndian.putLong(table, at, epochs.get(i).number());
            LittleEndian.putLong(table, at + Long.BYTES, epochs.get(i).startLsn());
        }
        LittleEndian.putInt(table, CRC, checksum(table));
        return table;
    }

    /** Returns the table of one copy, or null when it is damaged. */
    private static EpochTable decode(byte[] table, int copy, DaxDevice device)
            throws HoldfastException {
        if (LittleEndian.getInt(table, CRC) != checksum(table)
                || LittleEndian.getInt(table, MAGIC_AT) != MAGIC) {
            return null;
        }
        int version = LittleEndian.getInt(table, VERSION_AT);
        if (version != VERSION) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED, "epoch table of " + device.name()
                    + " has version " + version + ", this is version " + VERSION
                    + "; use a newer Holdfast");
        }
        int count = LittleEndian.getInt(table, COUNT);
        if (count < 1 || count > MAX_EPOCHS) {
            return null;
        }
        List<Epoch> epochs = new ArrayList<>();
        long after = 0;
        for (int i = 0; i < count; i++) {
            int at = ENTRIES + i * ENTRY_BYTES;
            long number = LittleEndian.getLong(table, at);
            long start = LittleEndian.getLong(table, at + Long.BYTES);
            if (number == 0 || start <= after || start >= LogGeometry.MAX_LSN) {
                return null;
            }
            epochs.add(new Epoch(number, start));
            after = start;
        }
        return new EpochTable(epochs, LittleEndian.getLong(table, SEQUENCE), copy);
    }

    static long offsetBytes(int copy) {
        return (FIRST_BLOCK + copy) * DaxDevice.BLOCK_BYTES;
    }

    private static int offset(String field) {
        return (int) LAYOUT.byteOffset(groupElement(field));
    }

    private static int checksum(byte[] table) {
        CRC32C crc = new CRC32C();
        crc.update(table, MAGIC_AT, TABLE_BYTES - MAGIC_AT);
        return (int) crc.getValue();
    }

    private static boolean isBlank(byte[] table) {
        for (byte b : table) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return "EpochTable[sequence=" + sequence + " epochs=" + epochs + "]";
    }
}
