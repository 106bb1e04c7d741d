package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.file.RenameMode;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.fs.RaceWorld.Place;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every operation against every other, in schedules drawn from seeds. */
class RaceTest {
    private static final int SCHEDULES = 150;
    private static final int STRESS_SCHEDULES = 5000;
    private static final int THREADS = 4;
    private static final int STEPS = 7;

    @Test
    @DisplayName("P9 P10 P11 W1 W3 W4 S2 S4 Z3 Z5 H6 D6 D7 hold in every schedule")
    void everythingHoldsInEverySchedule() throws Exception {
        for (long seed = 0; seed < SCHEDULES; seed++) {
            race(seed, Mutants.NONE);
        }
    }

    @Test
    @Tag("stress")
    @DisplayName("P9 P10 P11 W1 W3 W4 S2 S4 Z3 Z5 H6 D6 D7 hold in thousands of schedules")
    void everythingHoldsInThousandsOfSchedules() throws Exception {
        for (long seed = SCHEDULES; seed < SCHEDULES + STRESS_SCHEDULES; seed++) {
            race(seed, Mutants.NONE);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FDATASYNC_SKIPPED", "BARRIER_DROPPED", "ONE_MAPPING_PROTECTED",
            "STALE_ZERO_PAGE_LEFT"})
    @DisplayName("The schedules notice what breaks the protocol")
    void theSchedulesNoticeMutants(Mutant mutant) {
        assertThatThrownBy(() -> {
            for (long seed = 0; seed < SCHEDULES; seed++) {
                race(seed, Mutants.of(mutant));
            }
        }).as(mutant.toString()).isInstanceOf(Throwable.class);
    }

    private static void race(long seed, Mutants mutants) throws Exception {
        Random random = new Random(seed * 31 + 7);
        RaceScheduler scheduler = new RaceScheduler(seed, 1 + random.nextInt(6));
        try (RaceWorld world = new RaceWorld(seed, scheduler, mutants)) {
            world.device.listen(scheduler);
            for (int i = 0; i < THREADS; i++) {
                int owner = i;
                long own = random.nextLong();
                int kind = random.nextInt(8);
                scheduler.spawn("thread-" + i, () -> {
                    if (kind == 0 && owner > 1) {
                        names(world, owner, new Random(own));
                    } else if (kind == 1 && owner > 1) {
                        takeAway(world, new Random(own));
                    } else {
                        touch(world, owner, new Random(own));
                    }
                });
            }
            scheduler.spawn("background", () -> {
                for (int i = 0; i < STEPS; i++) {
                    world.background.tick();
                    scheduler.step("ticked");
                }
                world.volume.checkpoint();
            });
            scheduler.run();
            world.device.listen(null);
            check(world, seed);
        }
    }

    private static void check(RaceWorld world, long seed) throws IOException {
        try {
            world.check();
        } catch (AssertionError | RuntimeException | IOException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    /** Stores and loads, by mappings and calls, and syncs. */
    private static void touch(RaceWorld world, int owner, Random random) throws IOException {
        String name = random.nextInt(3) == 0 ? "/b" : "/a";
        FileMapping mapping = world.map(name, RaceWorld.flags(random));
        for (int i = 0; i < STEPS; i++) {
            Place place = new Place(name, random.nextInt(RaceWorld.PAGES), owner);
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> world.store(mapping, place, random.nextBoolean());
                case 3 -> world.load(mapping, place);
                case 4 -> world.write(place);
                case 5 -> world.read(place);
                case 6 -> world.fsync(name, owner);
                default -> {
                    mapping.close();
                    mapping = world.map(name, RaceWorld.flags(random));
                }
            }
        }
    }

    /** Truncates and punches. */
    private static void takeAway(RaceWorld world, Random random) throws IOException {
        for (int i = 0; i < STEPS; i++) {
            String name = random.nextBoolean() ? "/a" : "/b";
            int page = RaceWorld.SAFE_PAGES
                    + random.nextInt(RaceWorld.PAGES - RaceWorld.SAFE_PAGES);
            if (random.nextBoolean()) {
                world.punch(name, page, 1 + random.nextInt(2));
            } else {
                world.truncate(name, page + 1);
            }
        }
    }

    /** Makes, renames and removes names in two directories. */
    private static void names(RaceWorld world, int owner, Random random) throws IOException {
        for (int i = 0; i < STEPS; i++) {
            String one = (random.nextBoolean() ? "/d/" : "/e/") + random.nextInt(3);
            String other = (random.nextBoolean() ? "/d/" : "/e/") + random.nextInt(3);
            try {
                switch (random.nextInt(6)) {
                    case 0, 1 -> world.volume.createFile(one).close();
                    case 2 -> world.volume.createDirectory(one);
                    case 3 -> world.volume.rename(one, other, RenameMode.REPLACE);
                    case 4 -> world.volume.rename(one, other, RenameMode.EXCHANGE);
                    default -> world.volume.unlink(one);
                }
            } catch (HoldfastException e) {
                assertThat(e.code()).as("owner %s: %s", owner, e).isIn(ErrorCode.NOT_FOUND,
                        ErrorCode.EXISTS, ErrorCode.IS_A_DIRECTORY, ErrorCode.NOT_A_DIRECTORY,
                        ErrorCode.NOT_EMPTY, ErrorCode.INVALID);
            }
        }
    }
}
