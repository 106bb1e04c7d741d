package dev.holdfast.explore.model;

import dev.holdfast.CommitPolicy;
import dev.holdfast.MapMode;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.explore.Violation;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The promise alone, over and over: create, map sync, writable, persist, crash, and again. */
class PromiseCrashTest {
    private static final int PAGES = 12;

    @Test
    @DisplayName("S10 What was persisted through a sync mapping survives crash after crash")
    void persistedStoresSurvive() throws IOException {
        for (long seed = 0; seed < 300; seed++) {
            run(seed);
        }
    }

    @Test
    @Tag("stress")
    @DisplayName("S10 The same for many more seeds")
    void persistedStoresSurviveManyMoreSeeds() throws IOException {
        for (long seed = 1_000_000; seed < 1_200_000; seed++) {
            run(seed);
        }
    }

    private static void run(long seed) throws IOException {
        Random random = new Random(seed);
        Lab lab = new Lab(1 << 20, TracedDevice.Unit.LINE, random.nextInt(4) > 0,
                CommitPolicy.LAZY, Mutants.NONE);
        try (Session session = new Session(lab)) {
            for (int round = 1 + random.nextInt(3); round > 0; round--) {
                for (Op op : round(random, "/" + round)) {
                    session.step(op);
                }
            }
        } catch (Violation violation) {
            throw new AssertionError("seed " + seed + ": " + violation.getMessage(), violation);
        }
    }

    /** A file, its mapping, stores, and a crash after them or at a barrier inside one of them. */
    private static List<Op> round(Random random, String path) {
        List<Op> ops = new ArrayList<>();
        int length = PAGES * FileBlock.BYTES;
        ops.add(new Op.Creat(path));
        ops.add(switch (random.nextInt(4)) {
            case 0 -> new Op.Falloc(path, 0, length, AllocateMode.UNWRITTEN);
            case 1 -> new Op.Falloc(path, 0, length, AllocateMode.WRITTEN);
            default -> new Op.Truncate(path, length - random.nextInt(FileBlock.BYTES));
        });
        if (random.nextInt(3) == 0) {
            ops.add(new Op.Fsync(path));
        }
        ops.add(new Op.Mmap(path, 0, length, MapMode.SYNC));
        if (random.nextBoolean()) {
            ops.add(new Op.PowerOff(random.nextInt(8)));
        }
        for (int stores = 1 + random.nextInt(4); stores > 0; stores--) {
            long at = random.nextInt(length - 256) & -8;
            ops.add(new Op.Mwrite(path, at, 8 + random.nextInt(248), 1 + random.nextInt(255)));
            if (random.nextInt(4) > 0) {
                ops.add(new Op.Persist(path, at, 256));
            }
            if (random.nextInt(6) == 0) {
                ops.add(new Op.Tick());
            }
        }
        ops.add(new Op.Crash(random.nextInt(1 << 30), random.nextInt(3) > 0 ? List.of()
                : List.of(random.nextInt(10), random.nextInt(10))));
        return ops;
    }
}
