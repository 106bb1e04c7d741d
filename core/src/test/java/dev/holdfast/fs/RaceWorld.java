package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.dax.FaultTracer;
import dev.holdfast.dax.MapFlags;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A small volume under races, and what must hold of it. Every thread owns one line in each page,
 * stores there values that were never stored before, and so knows what to find. Pages from
 * {@link #SAFE_PAGES} on are truncated and punched by others: a line there shows its owner's last
 * value, or zero.
 */
final class RaceWorld implements AutoCloseable {
    static final int SAFE_PAGES = 3;
    static final int PAGES = 6;
    static final int PAGE = 4096;
    private static final int LINE = 64;

    /** One line of one file. */
    record Place(String file, int page, int owner) {
        long offset() {
            return (long) page * PAGE + (long) owner * LINE;
        }
    }

    final long seed;
    final TracedDevice device;
    final ManualBackground background = new ManualBackground();
    final Volume volume;
    final FileSystem fs;
    final Map<String, DaxFile> files = new TreeMap<>();
    private final VolumeOptions options;
    private final Map<Place, Long> stored = new ConcurrentHashMap<>();
    private final Map<Place, Long> durable = new ConcurrentHashMap<>();
    private final List<FileMapping> mappings = new ArrayList<>();
    private final AtomicLong values = new AtomicLong();
    private final AtomicLong clock = new AtomicLong(1_000_000_000);

    RaceWorld(long seed, FaultTracer tracer, Mutants mutants) throws IOException {
        this.seed = seed;
        this.device = TracedDevice.create(2 << 20);
        this.options = VolumeLab.withMutants(VolumeLab.withTracer(VolumeLab.deterministic(
                VolumeOptions.defaults(), () -> background, clock::incrementAndGet,
                new Random(seed)), tracer), mutants);
        this.volume = Volume.create(device, options);
        this.fs = VolumeLab.fileSystem(volume);
        for (String name : List.of("/a", "/b")) {
            DaxFile file = volume.createFile(name);
            file.truncate((long) PAGES * PAGE);
            files.put(name, file);
        }
        volume.createDirectory("/d");
        volume.createDirectory("/e");
    }

    DaxFile file(String name) {
        return files.get(name);
    }

    private Inode inode(String name) throws IOException {
        return fs.inodes().get(files.get(name).stat().inode());
    }

    FileMapping map(String name, int flags) throws IOException {
        FileMapping mapping =
                fs.mappings().map(inode(name), 0, (long) PAGES * PAGE, flags, true, true);
        synchronized (mappings) {
            mappings.add(mapping);
        }
        return mapping;
    }

    /** Stores a new value through a mapping; makes it durable if asked. */
    void store(FileMapping mapping, Place place, boolean persist) throws IOException {
        long value = values.incrementAndGet();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment line = mapping.segment(arena, place.offset(), LINE, true);
            line.set(ValueLayout.JAVA_LONG, 0, value);
            stored.put(place, value);
            if (persist) {
                mapping.persist(place.offset(), Long.BYTES);
                if (mapping.vma().sync()) {
                    durable.put(place, value);
                }
            }
        } catch (HoldfastException e) {
            requireBusError(e, place);
        }
    }

    /** Loads through a mapping: what the owner stored last. */
    void load(FileMapping mapping, Place place) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment line = mapping.segment(arena, place.offset(), LINE, false);
            requireExpected(place, line.get(ValueLayout.JAVA_LONG, 0), "through a mapping");
        } catch (HoldfastException e) {
            requireBusError(e, place);
        }
    }

    /** Writes a new value with write(). */
    void write(Place place) throws IOException {
        if (place.page >= SAFE_PAGES) {
            // It would make a truncated file longer, which readers past the end do not expect.
            return;
        }
        long value = values.incrementAndGet();
        MemorySegment bytes = MemorySegment.ofArray(new long[] {value});
        assertThat(file(place.file).write(bytes, place.offset())).isEqualTo(Long.BYTES);
        stored.put(place, value);
    }

    /** Reads with read(). */
    void read(Place place) throws IOException {
        long[] value = new long[1];
        file(place.file).read(MemorySegment.ofArray(value), place.offset());
        requireExpected(place, value[0], "by read()");
    }

    /** Makes the file durable, and with it what this owner stored before. */
    void fsync(String name, int owner) throws IOException {
        Map<Place, Long> before = new HashMap<>();
        stored.forEach((place, value) -> {
            if (place.file.equals(name) && place.owner == owner) {
                before.put(place, value);
            }
        });
        file(name).fdatasync();
        durable.putAll(before);
    }

    /** Sets a size that leaves the safe pages alone. */
    void truncate(String name, int pages) throws IOException {
        try {
            file(name).truncate((long) pages * PAGE - 100);
        } catch (HoldfastException e) {
            requireBusy(e);
        }
    }

    void punch(String name, int page, int pages) throws IOException {
        try {
            file(name).punchHole((long) page * PAGE, (long) pages * PAGE);
        } catch (HoldfastException e) {
            requireBusy(e);
        }
    }

    private static void requireBusy(HoldfastException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.BUSY);
    }

    private static void requireBusError(HoldfastException e, Place place) throws IOException {
        if (e.code() != ErrorCode.BUS_ERROR || place.page < SAFE_PAGES) {
            throw e;
        }
    }

    private void requireExpected(Place place, long value, String how) {
        long expected = stored.getOrDefault(place, 0L);
        if (value != expected && (place.page < SAFE_PAGES || value != 0)) {
            throw new AssertionError(place + " is " + value + " " + how + ", not " + expected);
        }
    }

    /** Everything that must hold when nothing runs any more. */
    void check() throws IOException {
        checkDurable(durable);
        for (FileMapping mapping : mappings) {
            if (!mapping.isClosed()) {
                checkPageTable(mapping);
            }
        }
        checkContent(volume);
        files.values().forEach(this::fsyncQuietly);
        checkDurable(stored);
        checkExtents(fs);
        long freeBefore = volume.space().freeBytes();
        closeVolume();
        try (Volume again = Volume.open(device, options)) {
            assertThat(again.space().freeBytes()).as("free space after a remount")
                    .isGreaterThanOrEqualTo(freeBefore - (256 << 10));
            checkContent(again);
            checkExtents(VolumeLab.fileSystem(again));
        }
    }

    private void fsyncQuietly(DaxFile file) {
        try {
            file.fsync();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** W1, W3, S10: what was reported durable is there when only what was persisted survives. */
    private void checkDurable(Map<Place, Long> promised) throws IOException {
        try (TracedDevice crashed = device.crashImage(LineFate.NONE);
                Volume found = Volume.open(crashed, options)) {
            for (var entry : promised.entrySet()) {
                Place place = entry.getKey();
                long value = read(found, place);
                boolean newer = value >= entry.getValue() && value <= values.get();
                assertThat(newer || place.page >= SAFE_PAGES && value == 0)
                        .as("%s after a crash: %s, promised %s", place, value, entry.getValue())
                        .isTrue();
            }
        }
    }

    private static long read(Volume volume, Place place) throws IOException {
        long[] value = new long[1];
        try (DaxFile file = volume.openFile(place.file)) {
            file.read(MemorySegment.ofArray(value), place.offset());
        }
        return value[0];
    }

    private void checkContent(Volume of) throws IOException {
        for (Place place : stored.keySet()) {
            requireExpected(place, read(of, place), "in the end");
        }
    }

    /** S2, S6, P10: a page table shows the block the file has there, never a zero page over one. */
    private void checkPageTable(FileMapping mapping) {
        Vma vma = mapping.vma();
        ExtentMap extents = mapping.inode().extents;
        for (long page = vma.firstPage(); page < vma.endPage(); page++) {
            long entry = vma.entry(page);
            int index = extents.floor(page);
            boolean has = index >= 0 && extents.fileEnd(index) > page && extents.written(index);
            if (PageTable.isPresent(entry)) {
                assertThat(PageTable.isZero(entry)).as("P10: page %s of %s", page, vma)
                        .isEqualTo(!has);
            }
            if (PageTable.isPresent(entry) && has) {
                assertThat(PageTable.pfnOf(entry, vma.tablePage(page))).as("S6: page %s", page)
                        .isEqualTo(extents.deviceBlock(index) + page - extents.fileBlock(index));
            }
        }
    }

    /** P9, and never a block in two places. */
    private void checkExtents(FileSystem of) throws IOException {
        TreeMap<Long, Long> used = new TreeMap<>();
        for (String name : files.keySet()) {
            Inode inode = of.paths().resolve(name, true);
            long blocks = 0;
            for (Extent extent : inode.extents.all()) {
                use(used, extent.deviceBlock(), extent.count());
                blocks += extent.count();
            }
            assertThat(of.attributes().stat(inode).blocks()).as("blocks of %s", name)
                    .isEqualTo(blocks);
        }
        of.space().allocator().forEachFree((block, count) -> use(used, block, count),
                (block, count) -> use(used, block, count));
    }

    private static void use(TreeMap<Long, Long> used, long block, long count) {
        var before = used.floorEntry(block + count - 1);
        assertThat(before == null || before.getValue() <= block)
                .as("blocks %s to %s are used twice", block, block + count).isTrue();
        used.put(block, block + count);
    }

    private void closeVolume() throws IOException {
        mappings.forEach(FileMapping::close);
        files.values().forEach(DaxFile::close);
        volume.close();
    }

    /** Flags of a mapping drawn at random. */
    static int flags(Random random) {
        return MapFlags.SHARED | (random.nextBoolean() ? MapFlags.SYNC | MapFlags.VALIDATE : 0);
    }

    @Override
    public void close() {
        device.close();
    }
}
