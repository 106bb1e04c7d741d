package dev.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A traced device with nothing but a log on it, mounted as a file system would. Each test record
 * carries a number and a filler made of it.
 */
final class LogVolume implements AutoCloseable {
    private static final int FIRST_BLOCK = 4;

    final TracedDevice device;
    final LogGeometry geometry;
    final Mutants mutants;
    final RecordBuffer buffer = new RecordBuffer();
    /** The log starts of the newer and the older slot. */
    long start;
    long olderStart;
    Log log;
    RecoveredLog recovered;
    private long epoch = 1000;

    private LogVolume(TracedDevice device, LogGeometry geometry, Mutants mutants) {
        this.device = device;
        this.geometry = geometry;
        this.mutants = mutants;
        this.start = geometry.firstLsn();
        this.olderStart = start;
    }

    /** Returns a formatted and mounted volume with an empty log. */
    static LogVolume create(int blocks, TracedDevice.Unit unit, Mutants mutants)
            throws IOException {
        var geometry = new LogGeometry(FIRST_BLOCK, blocks);
        long sizeBytes = (FIRST_BLOCK + blocks) * (long) DaxDevice.BLOCK_BYTES;
        var device = TracedDevice.create(sizeBytes, unit);
        var volume = new LogVolume(device, geometry, mutants);
        Log.format(device, geometry, volume.nextEpoch());
        volume.mount();
        return volume;
    }

    static LogVolume create(int blocks, Mutants mutants) throws IOException {
        return create(blocks, TracedDevice.Unit.LINE, mutants);
    }

    static LogVolume create(int blocks) throws IOException {
        return create(blocks, Mutants.NONE);
    }

    long nextEpoch() {
        return ++epoch;
    }

    /**
     * Recovers from the newer slot, opens the log, and returns the numbers of the records replayed.
     */
    List<Long> mount() throws IOException {
        EpochTable epochs = EpochTable.load(device);
        List<Long> numbers = recoverFrom(start);
        log = Log.open(device, geometry, epochs, recovered, nextEpoch(), olderStart, mutants);
        return numbers;
    }

    /** Recovers without opening. */
    List<Long> recoverFrom(long lsn) throws IOException {
        List<Long> numbers = new ArrayList<>();
        recovered = LogRecovery.recover(device, geometry, EpochTable.load(device), lsn, mutants,
                (from, end, payload) -> numbers.add(numberOf(payload)));
        return numbers;
    }

    /** Appends a record of one line that carries {@code number}. */
    long append(long number) throws IOException {
        return append(number, 1);
    }

    /** Appends a record of exactly {@code lines} lines. */
    long append(long number, int lines) throws IOException {
        return log.append(fill(number,
                lines * DaxDevice.LINE_BYTES - RecordFormat.HEADER_BYTES - Long.BYTES));
    }

    RecordBuffer fill(long number, int fillerBytes) {
        buffer.clear();
        buffer.putLong(number);
        for (int i = 0; i < fillerBytes; i++) {
            buffer.putByte((int) number + i);
        }
        return buffer;
    }

    static long numberOf(RecordReader payload) throws IOException {
        long number = payload.getLong();
        for (int i = 0; payload.remaining() > 0; i++) {
            assertThat(payload.getByte()).as("filler of record %d", number)
                    .isEqualTo((byte) (number + i));
        }
        return number;
    }

    /**
     * Does what a file system does when a checkpoint that begins the log at {@code lsn} is durable.
     */
    void checkpointAt(long lsn) {
        olderStart = start;
        start = lsn;
        log.releaseBefore(olderStart);
    }

    /** Changes one byte for good. */
    void damage(long lsn, int byteInLine, int mask) throws IOException {
        long at = geometry.offsetBytes(lsn) + byteInLine;
        device.putByte(at, (byte) (device.getByte(at) ^ mask));
        device.persist(at, 1);
    }

    /** Returns the number of the device line at an LSN. */
    long deviceLine(long lsn) {
        return geometry.offsetBytes(lsn) / DaxDevice.LINE_BYTES;
    }

    @Override
    public void close() {
        device.close();
    }
}
