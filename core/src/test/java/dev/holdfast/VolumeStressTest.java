package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Threads that run freely on the same directories and files, with the background at work. */
class VolumeStressTest {
    private static final int THREADS = 6;
    private static final int SHARED_PAGES = 64;
    private static final int PAGE = 4096;
    private static final Duration WATCHDOG = Duration.ofMinutes(2);
    private static final Set<ErrorCode> EXPECTED = Set.of(ErrorCode.NOT_FOUND, ErrorCode.EXISTS,
            ErrorCode.IS_A_DIRECTORY, ErrorCode.NOT_A_DIRECTORY, ErrorCode.NOT_EMPTY,
            ErrorCode.INVALID, ErrorCode.BUSY, ErrorCode.BUS_ERROR, ErrorCode.NO_SPACE,
            ErrorCode.ACCESS_DENIED);

    @Test
    @DisplayName("H6 nothing dead-locks and nothing is lost when all run at once")
    void everybodyAtOnce() throws Exception {
        run(1, 1500);
    }

    @Test
    @Tag("stress")
    @DisplayName("H6 nothing dead-locks and nothing is lost in the long run")
    void everybodyAtOnceForLong() throws Exception {
        for (long seed = 2; seed < 12; seed++) {
            run(seed, 40_000);
        }
    }

    private static void run(long seed, int steps) throws Exception {
        try (MemfdDevice device = MemfdDevice.create("stress", 32 << 20)) {
            Map<Integer, long[]> last = new HashMap<>();
            try (Volume volume = Volume.create(device, VolumeOptions.defaults())) {
                try (DaxFile shared = volume.createFile("/shared")) {
                    shared.truncate(SHARED_PAGES * PAGE);
                }
                volume.createDirectory("/d0");
                volume.createDirectory("/d1");
                var failures = new ConcurrentLinkedQueue<Throwable>();
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    int owner = i;
                    last.put(i, new long[SHARED_PAGES]);
                    threads.add(Thread.ofPlatform().daemon().name("stress-" + i).start(() -> {
                        try {
                            work(volume, owner, last.get(owner), new Random(seed * 100 + owner),
                                    steps);
                        } catch (Throwable e) {
                            failures.add(e);
                        }
                    }));
                }
                for (Thread thread : threads) {
                    assertThat(thread.join(WATCHDOG)).as("seed %s: %s hangs: %s", seed,
                            thread.getName(), List.of(thread.getStackTrace())).isTrue();
                }
                assertThat(failures).as("seed " + seed).isEmpty();
            }
            try (Volume again = Volume.open(device, VolumeOptions.defaults())) {
                check(again, last, seed);
            }
        }
    }

    private static void work(Volume volume, int owner, long[] last, Random random, int steps)
            throws Exception {
        try (DaxFile shared = volume.openFile("/shared");
                Mapping mapping = shared.map(owner % 2 == 0 ? MapMode.SYNC : MapMode.SHARED, 0,
                        SHARED_PAGES * PAGE)) {
            for (int i = 1; i <= steps; i++) {
                try {
                    if (random.nextInt(3) == 0) {
                        changeNames(volume, random);
                    } else {
                        useShared(shared, mapping, owner, last, random, i);
                    }
                } catch (HoldfastException e) {
                    if (!EXPECTED.contains(e.code())) {
                        throw e;
                    }
                }
            }
        }
    }

    /** Every thread owns a line in each page, and knows what is there. */
    private static void useShared(DaxFile shared, Mapping mapping, int owner, long[] last,
            Random random, long value) throws Exception {
        int page = random.nextInt(SHARED_PAGES);
        long offset = (long) page * PAGE + owner * 64L;
        switch (random.nextInt(5)) {
            case 0, 1 -> {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment line = mapping.writable(offset, 8, arena);
                    assertThat(line.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(last[page]);
                    line.set(ValueLayout.JAVA_LONG, 0, value);
                    last[page] = value;
                    mapping.persist(offset, 8);
                }
            }
            case 2 -> {
                shared.write(MemorySegment.ofArray(new long[] {value}), offset);
                last[page] = value;
            }
            case 3 -> {
                long[] found = new long[1];
                shared.read(MemorySegment.ofArray(found), offset);
                assertThat(found[0]).isEqualTo(last[page]);
            }
            default -> shared.fdatasync();
        }
    }

    private static void changeNames(Volume volume, Random random) throws Exception {
        String one = name(random);
        String other = name(random);
        switch (random.nextInt(9)) {
            case 0, 1 -> {
                try (DaxFile file = volume.createFile(one)) {
                    file.append(ByteBuffer.allocate(random.nextInt(20_000)));
                }
            }
            case 2 -> volume.rename(one, other, RenameMode.REPLACE);
            case 3 -> volume.rename(one, other, RenameMode.EXCHANGE);
            case 4 -> volume.unlink(one);
            case 5 -> volume.createDirectory(one);
            case 6 -> volume.removeDirectory(one);
            case 7 -> {
                try (DaxFile file = volume.openFile(one)) {
                    file.truncate(random.nextInt(30_000));
                    file.punchHole(random.nextInt(10_000), 1 + random.nextInt(10_000));
                    file.fsync();
                }
            }
            default -> volume.link(one, other);
        }
    }

    /** Names in two directories, and in directories made in their place. */
    private static String name(Random random) {
        String path = "/d" + random.nextInt(2) + "/n" + random.nextInt(5);
        return random.nextInt(3) == 0 ? path + "/n" + random.nextInt(3) : path;
    }

    private static void check(Volume volume, Map<Integer, long[]> last, long seed)
            throws Exception {
        try (DaxFile shared = volume.openFile("/shared")) {
            long[] found = new long[1];
            for (var entry : last.entrySet()) {
                for (int page = 0; page < SHARED_PAGES; page++) {
                    shared.read(MemorySegment.ofArray(found),
                            (long) page * PAGE + entry.getKey() * 64L);
                    assertThat(found[0]).as("seed %s: page %s of %s", seed, page, entry.getKey())
                            .isEqualTo(entry.getValue()[page]);
                }
            }
        }
        Map<Long, Integer> names = new HashMap<>();
        count(volume, "/", names);
        Map<Long, Long> used = new HashMap<>();
        walk(volume, "/", names, used);
    }

    private static void count(Volume volume, String path, Map<Long, Integer> names)
            throws Exception {
        for (var entry : volume.list(path)) {
            String child = path + entry.name();
            names.merge(volume.statLink(child).inode(), 1, Integer::sum);
            if (entry.type() == FileType.DIRECTORY) {
                count(volume, child + "/", names);
            }
        }
    }

    /** Links are counted right, and no block is in two files. */
    private static void walk(Volume volume, String path, Map<Long, Integer> names,
            Map<Long, Long> owners) throws Exception {
        for (var entry : volume.list(path)) {
            String child = path + entry.name();
            if (entry.type() == FileType.DIRECTORY) {
                walk(volume, child + "/", names, owners);
                continue;
            }
            var stat = volume.statLink(child);
            assertThat(stat.links()).as(child).isEqualTo(names.get(stat.inode()));
            try (DaxFile file = volume.openFile(child)) {
                for (var extent : file.extents()) {
                    for (long at = 0; at < extent.length(); at += PAGE) {
                        Long owner = owners.putIfAbsent(extent.deviceOffset() + at, stat.inode());
                        assertThat(owner).as("owner of %s", extent).isIn(null, stat.inode());
                    }
                }
            }
        }
    }
}
