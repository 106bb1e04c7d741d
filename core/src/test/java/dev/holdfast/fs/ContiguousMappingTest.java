package dev.holdfast.fs;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.fs.ContiguousMapping.Kind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ContiguousMappingTest {
    private static final long PAGE = 4096;
    private static final long LENGTH = 16 * PAGE;

    private final List<ContiguousMapping> mappings = new ArrayList<>();
    private MemfdDevice device;
    private Volume volume;
    private FileSystem fs;
    private Inode file;
    private long address;
    private MemorySegment memory;

    @BeforeEach
    void open() throws IOException {
        device = MemfdDevice.create("contiguous", 8 << 20);
        volume = Volume.create(device, VolumeOptions.defaults());
        volume.createFile("/log").close();
        fs = VolumeLab.fileSystem(volume);
        file = fs.paths().resolve("/log", true);
        address = Linux.mmap(0, LENGTH, Linux.PROT_READ | Linux.PROT_WRITE,
                Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, -1, 0);
        memory = MemorySegment.ofAddress(address).reinterpret(LENGTH);
    }

    @AfterEach
    void close() throws IOException {
        mappings.forEach(ContiguousMapping::stop);
        Linux.munmap(address, LENGTH);
        mappings.forEach(ContiguousMapping::release);
        volume.close();
        device.close();
    }

    private ContiguousMapping map(long at, long length, Kind kind) throws IOException {
        ContiguousMapping mapping = fs.mappings().mapContiguous(file, at, length, kind, false);
        mappings.add(mapping);
        return mapping;
    }

    private void write(long at, long value) throws IOException {
        fs.files().write(file, at, MemorySegment.ofArray(new long[] {value}));
    }

    @Test
    @DisplayName("Z4 what a truncation meets is named: file, range, and the mapping that holds it")
    void theHolderIsNamed() throws IOException {
        map(4 * PAGE, 8 * PAGE, Kind.WRITABLE).lay(address);

        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> fs.truncation().setSize(file, 5 * PAGE))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY))
                .withMessageContaining("pages 4 to 11, held by a writable mapping");
        fs.truncation().setSize(file, 12 * PAGE);
    }

    @Test
    void aReleasedMappingHoldsNothing() throws IOException {
        ContiguousMapping mapping = map(0, PAGE, Kind.WRITABLE);
        mapping.release();
        mapping.release();

        assertThat(fs.pages(file).space.pins().pinnedBytes()).isZero();
        assertThat(fs.pages(file).space.pins().holderOf(0)).doesNotContain("writable mapping");
        fs.truncation().setSize(file, 0);
    }

    @Test
    @DisplayName("R9 a hole of a readable mapping shows the block that it is given later")
    void aHoleIsLaidLater() throws IOException {
        write(9 * PAGE, 9);
        ContiguousMapping mapping = map(0, 10 * PAGE, Kind.READABLE);
        mapping.lay(address);
        assertThat(mapping.pieces()).isEqualTo(1);
        assertThat(memory.get(JAVA_LONG, 3 * PAGE)).isZero();

        write(3 * PAGE, 3);
        assertThat(memory.get(JAVA_LONG, 3 * PAGE)).isEqualTo(3);

        mapping.stop();
        write(4 * PAGE, 4);
        assertThat(memory.get(JAVA_LONG, 4 * PAGE)).as("laid no more").isZero();
    }

    @Test
    void aWritableMappingHasItsBlocksAndSizeBeforeItIsLaid() throws IOException {
        ContiguousMapping mapping = map(100, LENGTH - 200, Kind.WRITABLE);

        assertThat(file.sizeBytes()).isEqualTo(LENGTH - 100);
        assertThat(Files.holes(file, 0, 16)).isZero();
        assertThat(file.dataLsn()).isLessThanOrEqualTo(fs.journal().durableLsn());
        assertThat(mapping.lengthBytes()).isEqualTo(LENGTH);
    }

    @Test
    @DisplayName("only memory of a writable mapping is persisted, and only inside it")
    void persistChecksWhatItIsGiven() throws IOException {
        ContiguousMapping mapping = map(0, LENGTH, Kind.WRITABLE);
        mapping.lay(address);
        long before = device.counters().bytes();
        mapping.persist(address + 5 * PAGE - 8, 16);
        assertThat(device.counters().bytes() - before).isEqualTo(16);

        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> mapping.persist(address + LENGTH - 8, 9));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> mapping.persist(address - 1, 1));
        ContiguousMapping readable = map(0, PAGE, Kind.READABLE);
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> readable.persist(address, 1))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }
}
