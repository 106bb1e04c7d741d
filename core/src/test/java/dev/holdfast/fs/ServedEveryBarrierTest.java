package dev.holdfast.fs;

import static dev.holdfast.fs.FakeClient.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.DeviceListener;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * generic/470 made strong, through served mappings: two clients store to a file and persist their
 * lines without asking anybody, the file shrinks, grows and is punched meanwhile, another file
 * takes and gives back space, and the power is cut at every barrier.
 */
class ServedEveryBarrierTest {
    private static final int PAGES = 48;
    /** A value tells whose it is: the file, the page, a count. */
    private static final long OURS = 1L << 62;
    private static final long OTHERS = 1L << 61;

    /** One run, judged at each barrier. */
    private static final class Run implements DeviceListener, AutoCloseable {
        private final Mutants mutants;
        private final Random random;
        private final long seed;
        private final TracedDevice device = TracedDevice.create(2 << 20);
        private final Volume volume;
        private final DaxFile file;
        private final FakeClient[] clients = new FakeClient[2];
        /** What each page holds, and whether that is persisted: then a crash must find it. */
        private final long[] values = new long[PAGES];
        private final boolean[] persisted = new boolean[PAGES];
        /** What the last word of each page holds, which only write() stores to. */
        private final long[] tails = new long[PAGES];
        private final List<String> losses = new ArrayList<>();
        private int sizePages = PAGES;
        private long counter;
        private int barriers;

        Run(long seed, Mutant... mutants) throws IOException {
            this.seed = seed;
            this.random = new Random(seed);
            this.mutants = Mutants.of(mutants);
            volume = Volume.create(device, options());
            file = volume.createFile("/a");
            file.truncate(PAGES * PAGE);
            file.fsync();
            connect(0);
            connect(1);
            device.listen(this);
        }

        private VolumeOptions options() {
            return VolumeLab.withMutants(VolumeLab.deterministic(VolumeOptions.defaults(),
                    ManualBackground::new, () -> 1, new Random(seed + barriers)), mutants);
        }

        void steps(int count) throws IOException {
            for (int step = 0; step < count; step++) {
                FakeClient client = clients[random.nextInt(2)];
                int page = random.nextInt(PAGES);
                switch (random.nextInt(16)) {
                    case 0 -> truncate(random.nextInt(PAGES + 1));
                    case 1 -> punch(page, 1 + random.nextInt(8));
                    case 2 -> file.fsync();
                    case 3 -> other();
                    case 4 -> write(page);
                    case 5 -> reconnect(random.nextInt(2));
                    case 6, 7, 8 -> load(client, page);
                    default -> sequence(client, page, 1 + random.nextInt(6));
                }
            }
        }

        private void sequence(FakeClient client, int page, int length) throws IOException {
            for (int at = page; at < Math.min(PAGES, page + length); at++) {
                store(client, at);
            }
        }

        private void store(FakeClient client, int page) throws IOException {
            if (page >= sizePages) {
                assertThat(FakeClient.isBusError(() -> client.store(page, 1))).isTrue();
                return;
            }
            persisted[page] = false;
            values[page] = value(OURS, page);
            client.store(page, values[page]);
            client.persist(page);
            persisted[page] = true;
        }

        private long value(long whose, long page) {
            return whose | page << 32 | ++counter;
        }

        private void load(FakeClient client, int page) throws IOException {
            if (page < sizePages) {
                expect(client.load(page) == values[page]
                        && client.load(page, PAGE - 8) == tails[page],
                        "page " + page + " is loaded as stored");
            } else {
                expect(FakeClient.isBusError(() -> client.load(page)),
                        "page " + page + " is past the end");
            }
        }

        private void truncate(int pages) throws IOException {
            for (int page = pages; page < PAGES; page++) {
                persisted[page] = false;
                values[page] = 0;
                tails[page] = 0;
            }
            sizePages = pages;
            file.truncate((long) pages * PAGE);
        }

        private void punch(int page, int pages) throws IOException {
            int end = Math.min(sizePages, page + pages);
            for (int at = page; at < end; at++) {
                persisted[at] = false;
                values[at] = 0;
                tails[at] = 0;
            }
            if (end > page) {
                file.punchHole((long) page * PAGE, (long) (end - page) * PAGE);
            }
        }

        private void write(int page) throws IOException {
            persisted[page] = false;
            values[page] = value(OURS, page);
            tails[page] = values[page];
            sizePages = Math.max(sizePages, page + 1);
            file.write(bytes(values[page]), (long) page * PAGE);
        }

        private static ByteBuffer bytes(long value) {
            ByteBuffer bytes = ByteBuffer.allocate(PAGE).order(ByteOrder.LITTLE_ENDIAN);
            return bytes.putLong(0, value).putLong(PAGE - 8, value);
        }

        /** Another file takes blocks or gives them back. */
        private void other() throws IOException {
            if (volume.exists("/b")) {
                volume.unlink("/b");
            } else {
                try (DaxFile b = volume.createFile("/b")) {
                    for (int page = 0; page < 24; page++) {
                        b.write(bytes(value(OTHERS, page)), (long) page * PAGE);
                    }
                    b.fsync();
                }
            }
        }

        private void reconnect(int index) throws IOException {
            FakeClient before = clients[index];
            before.kill();
            losses.addAll(before.wrongs);
            connect(index);
        }

        private void connect(int index) throws IOException {
            clients[index] = FakeClient.sync(volume, "/a", 0, PAGES * PAGE);
            clients[index].mapping.limitAhead(index == 0 ? 1 : 8);
            clients[index].keepsContent = seed % 2 == 1;
        }

        private void expect(boolean condition, String what) {
            if (!condition) {
                losses.add("seed " + seed + ": not true: " + what);
            }
        }

        @Override
        public void beforePersist(long[] ranges, int count) {
            try {
                crash();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void crash() throws IOException {
            barriers++;
            LineFate fate = barriers % 3 == 0
                    ? LineFate.NONE : LineFate.seeded(seed * 1000 + barriers);
            try (TracedDevice image = device.crashImage(fate)) {
                try (Volume found = Volume.open(image, options())) {
                    judge(found);
                }
                expect(Volume.check(image).isClean(),
                        "the volume is clean after barrier " + barriers);
            }
        }

        private void judge(Volume found) throws IOException {
            byte[] content = new byte[PAGES * PAGE];
            try (DaxFile again = found.openFile("/a")) {
                again.read(ByteBuffer.wrap(content), 0);
            }
            ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
            for (int page = 0; page < PAGES; page++) {
                for (int at = page * PAGE; at < (page + 1) * PAGE; at += 8) {
                    long value = bytes.getLong(at);
                    expect(value == 0 || (value & OTHERS) == 0 && (value >> 32 & 0xffff) == page,
                            "page " + page + " holds " + Long.toHexString(value)
                            + ", its own, at barrier "
                                    + barriers);
                }
                expect(!persisted[page] || bytes.getLong(page * PAGE) == values[page],
                        "page " + page + " holds what was persisted, at barrier " + barriers);
            }
        }

        @Override
        public void close() throws IOException {
            device.listen(null);
            for (FakeClient client : clients) {
                client.kill();
                losses.addAll(client.wrongs);
            }
            file.close();
            volume.close();
            expect(Volume.check(device).isClean(), "the volume is clean");
            VolumeAudit.check(device);
            device.close();
        }
    }

    private static List<String> losses(long from, long to, int steps, Mutant... mutants)
            throws IOException {
        List<String> losses = new ArrayList<>();
        for (long seed = from; seed < to; seed++) {
            Run run = new Run(seed, mutants);
            try (run) {
                run.steps(steps);
            }
            losses.addAll(run.losses);
            if (mutants.length > 0 && !losses.isEmpty()) {
                break;
            }
        }
        return losses;
    }

    @Test
    @DisplayName("S9 S10 P1 S5 At every barrier what two clients persisted is there")
    void whatWasPersistedSurvives() throws IOException {
        assertThat(losses(0, 2, 80)).isEmpty();
    }

    @Test
    @Tag("stress")
    @DisplayName("S9 S10 The same, longer")
    void whatWasPersistedSurvivesForLonger() throws IOException {
        assertThat(losses(2, 20, 150)).isEmpty();
    }

    @Test
    @DisplayName("FDATASYNC_SKIPPED is caught through served mappings")
    void skippedFdatasyncIsCaught() throws IOException {
        assertThat(losses(0, 1, 40, Mutant.FDATASYNC_SKIPPED)).isNotEmpty();
    }

    @Test
    @DisplayName("ENTRY_BEFORE_FDATASYNC is caught through served mappings")
    void anEarlyEntryIsCaught() throws IOException {
        assertThat(losses(0, 1, 40, Mutant.ENTRY_BEFORE_FDATASYNC)).isNotEmpty();
    }

    @Test
    @DisplayName("DIRTY_MARK_AFTER_ENTRY is caught through served mappings")
    void aLateDirtyMarkIsCaught() throws IOException {
        assertThat(losses(0, 1, 40, Mutant.DIRTY_MARK_AFTER_ENTRY)).isNotEmpty();
    }

    @Test
    @DisplayName("Z2 ZEROES_NOT_DURABLE shows what a block held before it left the file, and is "
            + "caught")
    void blocksThatAreNotZeroedAreCaught() throws IOException {
        assertThat(tailAfterRegrowth()).isZero();
        assertThat(tailAfterRegrowth(Mutant.ZEROES_NOT_DURABLE)).isEqualTo(7);
    }

    private static long tailAfterRegrowth(Mutant... mutants) throws IOException {
        try (TracedDevice device = TracedDevice.create(2 << 20);
                Volume volume = Volume.create(device, options(mutants));
                DaxFile file = volume.createFile("/a")) {
            file.truncate(PAGE);
            FakeClient client = FakeClient.plain(volume, "/a", 0, PAGE);
            client.keepsContent = true;
            client.store(0, PAGE - 8, 7);
            file.truncate(0);
            file.truncate(PAGE);
            client.store(0, 1);
            long tail = client.load(0, PAGE - 8);
            client.kill();
            return tail;
        }
    }

    private static VolumeOptions options(Mutant... mutants) {
        return VolumeLab.withMutants(VolumeLab.deterministic(VolumeOptions.defaults(),
                ManualBackground::new, () -> 1, new Random(1)), Mutants.of(mutants));
    }

    @Test
    @DisplayName("B6 W3 ONE_MAPPING_PROTECTED leaves the second client writable, and is caught")
    void oneMappingProtectedIsCaught() throws IOException {
        assertThat(isSecondClientProtected()).isTrue();
        assertThat(isSecondClientProtected(Mutant.ONE_MAPPING_PROTECTED)).isFalse();
    }

    /** The six steps: both store, one syncs, the other stores again and syncs; is that durable? */
    private static boolean isSecondClientProtected(Mutant... mutants) throws IOException {
        try (TracedDevice device = TracedDevice.create(2 << 20)) {
            Volume volume = Volume.create(device, options(mutants));
            DaxFile file = volume.createFile("/a");
            file.truncate(PAGE);
            FakeClient one = FakeClient.plain(volume, "/a", 0, PAGE);
            FakeClient two = FakeClient.plain(volume, "/a", 0, PAGE);
            one.store(0, 1);
            two.store(0, 2);
            file.fsync();
            two.store(0, 3);
            file.fsync();
            ByteBuffer found = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            try (TracedDevice image = device.crashImage(LineFate.NONE);
                    Volume after = Volume.open(image, options()); DaxFile again =
                            after.openFile("/a")) {
                again.read(found, 0);
            }
            one.kill();
            two.kill();
            file.close();
            volume.close();
            return found.getLong(0) == 3;
        }
    }
}
