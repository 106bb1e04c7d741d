package dev.holdfast.explore.workload;

import dev.holdfast.MapMode;
import dev.holdfast.explore.model.Op;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.RenameMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Scripts worth a name: each drives one rule of the protocol to where breaking it shows. */
final class Scripts {
    private static final int BLOCK = 4096;
    private static final int ALL_SPACE = 1 << 20;
    private static final Op SYNC = new Op.Sync();
    private static final Op CHECKPOINT = new Op.Checkpoint();

    private Scripts() {}

    /** Returns the scripts of the rules of "what must be durable before what". */
    static Map<String, List<Op>> protocol() {
        return Map.ofEntries(
                Map.entry("sync-store-to-a-hole", List.of(new Op.Creat("/a"),
                        new Op.Truncate("/a", 16384), sync("/a"), store("/a"), persist("/a"),
                        new Op.Mwrite("/a", 0, 64, 8), new Op.Persist("/a", 0, 64))),
                Map.entry("sync-store-to-unwritten", List.of(new Op.Creat("/a"),
                        new Op.Falloc("/a", 0, 16384, AllocateMode.UNWRITTEN), new Op.Fsync("/a"),
                        sync("/a"), store("/a"), persist("/a"))),
                Map.entry("sync-store-after-rename", List.of(new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 16384, 1), new Op.Fsync("/a"),
                        new Op.Rename("/a", "/b", RenameMode.REPLACE), sync("/b"), store("/b"),
                        persist("/b"))),
                Map.entry("sync-store-after-link", List.of(new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 16384, 1), new Op.Fsync("/a"),
                        new Op.Link("/a", "/b"), new Op.Unlink("/a"), sync("/b"), store("/b"),
                        persist("/b"))),
                Map.entry("sync-store-past-a-new-end", List.of(new Op.Creat("/a"),
                        new Op.Falloc("/a", 0, 16384, AllocateMode.WRITTEN),
                        new Op.Truncate("/a", 8192), new Op.Fsync("/a"),
                        new Op.Truncate("/a", 12288), sync("/a"), store("/a"), persist("/a"))),
                Map.entry("stale-blocks-reused", List.of(new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, ALL_SPACE, 1), SYNC, new Op.Unlink("/a"), SYNC,
                        new Op.Creat("/b"),
                        new Op.Falloc("/b", 0, 100 * BLOCK, AllocateMode.UNWRITTEN),
                        new Op.Pwrite("/b", 100, 10, 2))),
                Map.entry("freed-blocks-wanted", List.of(new Op.Creat("/b"),
                        new Op.Creat("/a"), new Op.Pwrite("/a", 0, ALL_SPACE, 1),
                        new Op.Fsync("/a"), new Op.Truncate("/a", 0),
                        new Op.Pwrite("/b", 0, 10 * BLOCK, 2))),
                Map.entry("freed-blocks-zeroed-ahead", List.of(new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 20 * BLOCK, 1), new Op.Fsync("/a"),
                        new Op.Truncate("/a", 0), new Op.Work())),
                Map.entry("known-zero-after-a-crash", List.of(new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 20 * BLOCK, 1), new Op.Crash(3, List.of()),
                        new Op.Creat("/b"), new Op.Truncate("/b", 40 * BLOCK),
                        new Op.Mmap("/b", 0, 40 * BLOCK, MapMode.SYNC),
                        new Op.Mwrite("/b", 0, 64, 3), new Op.Mwrite("/b", 30 * BLOCK, 64, 4))),
                Map.entry("epoch-after-a-crash", List.of(new Op.Creat("/a"), SYNC,
                        new Op.Chmod("/a", 1), new Op.Chmod("/a", 2), new Op.Chmod("/a", 3),
                        new Op.Chmod("/a", 4), new Op.Chmod("/a", 5), new Op.Chmod("/a", 6),
                        new Op.Crash(2, List.of()),
                        new Op.Chmod("/a", 7), new Op.Fsync("/a"))),
                Map.entry("checkpoints", List.of(new Op.Creat("/a"), CHECKPOINT,
                        new Op.Creat("/b"), CHECKPOINT, new Op.Creat("/c"), CHECKPOINT,
                        new Op.Unlink("/a"), new Op.Mkdir("/d"), CHECKPOINT)),
                Map.entry("unlinked-and-mapped", List.of(new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 5 * BLOCK, 1), sync("/a"),
                        new Op.Unlink("/a"), SYNC)),
                Map.entry("truncate-into-a-block", List.of(new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 8192, 1), new Op.Fsync("/a"),
                        new Op.Truncate("/a", 1000), new Op.Truncate("/a", 6000),
                        new Op.Append("/a", 100, 2), new Op.Fsync("/a"))),
                Map.entry("stores-past-the-end", List.of(new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 100, 1), new Op.Fsync("/a"), sync("/a"),
                        new Op.Mwrite("/a", 200, 64, 2), new Op.Append("/a", 10, 3),
                        new Op.Truncate("/a", 4096), new Op.Fsync("/a"))),
                Map.entry("rename", List.of(new Op.Creat("/a"), SYNC,
                        new Op.Rename("/a", "/b", RenameMode.REPLACE), new Op.Mkdir("/d"),
                        new Op.Rename("/b", "/d/a", RenameMode.REPLACE), SYNC)),
                Map.entry("rename-over-a-name", List.of(new Op.Creat("/a"), new Op.Creat("/b"),
                        new Op.Creat("/c"), new Op.Pwrite("/b", 0, 4096, 1), SYNC,
                        new Op.Pwrite("/a", 0, 4096, 2),
                        new Op.Rename("/a", "/b", RenameMode.REPLACE), new Op.Chmod("/c", 1),
                        new Op.Fsync("/c"))));
    }

    /** Returns what once failed, as small as it was found. */
    static Map<String, List<Op>> regressions() {
        return Map.of(
                "blocks-past-the-end", List.of(new Op.Creat("/b"),
                        new Op.Pwrite("/b", 55889, 2850, 5), new Op.Crash(79620521, List.of()),
                        new Op.Pwrite("/b", 57822, 10902, 12), new Op.Crash(1, List.of()),
                        new Op.Truncate("/b", 90_000)),
                "directories-exchanged", List.of(new Op.Mkdir("/d"), new Op.Mkdir("/d/g"),
                        new Op.Creat("/d/g/b"),
                        new Op.Rename("/d/g/b", "/d/g", RenameMode.EXCHANGE),
                        new Op.Rename("/d/g/b", "/d", RenameMode.EXCHANGE)),
                "persist-beside-a-punch", List.of(new Op.Creat("/b"),
                        new Op.Truncate("/b", 16384), new Op.Mmap("/b", 0, 16384, MapMode.SYNC),
                        new Op.Mwrite("/b", 4096, 4096, 7), new Op.Fpunch("/b", 4096, 100),
                        new Op.Persist("/b", 4096, 4096)),
                "lost-append", List.of(new Op.Creat("/h"), new Op.Pwrite("/h", 0, 100, 1),
                        new Op.Fsync("/h"), new Op.Pwrite("/h", 100, 3000, 3),
                        new Op.Crash(268300371, List.of()), new Op.Pwrite("/h", 90, 3010, 8),
                        new Op.Checkpoint()));
    }

    /** Returns a script whose crashes in between have other fates. */
    static List<Op> withFate(List<Op> script, int fate) {
        return script.stream().map(op -> op instanceof Op.Crash crash
                ? new Op.Crash(crash.seed() + fate, crash.recoveryBarriers()) : op).toList();
    }

    /** Returns generic/470 made strong: pages of a file, stored through a sync mapping. */
    static List<Op> everyPage(int pages) {
        List<Op> ops = new ArrayList<>();
        ops.add(new Op.Creat("/a"));
        ops.add(new Op.Truncate("/a", (long) pages * BLOCK));
        ops.add(new Op.Mmap("/a", 0, (long) pages * BLOCK, MapMode.SYNC));
        for (int page = 0; page < pages; page++) {
            ops.add(new Op.Mwrite("/a", (long) page * BLOCK, BLOCK, 1 + page % 255));
            ops.add(new Op.Persist("/a", (long) page * BLOCK, BLOCK));
        }
        return ops;
    }

    /** Returns stores through mappings that huge entries serve, and what takes them away. */
    static Map<String, List<Op>> huge() {
        int huge = 2 << 20;
        Op creat = new Op.Creat("/h");
        Op falloc = new Op.Falloc("/h", 0, huge, AllocateMode.WRITTEN);
        Op truncate = new Op.Truncate("/h", huge);
        Op plain = new Op.Mmap("/h", 0, huge, MapMode.SHARED);
        Op sync = new Op.Mmap("/h", 0, huge, MapMode.SYNC);
        return Map.of(
                "plain-stores-and-fsync", List.of(creat, falloc, new Op.Fsync("/h"), plain,
                        new Op.Mwrite("/h", 300 * BLOCK, 64, 1), new Op.Fdatasync("/h"),
                        new Op.Mwrite("/h", 300 * BLOCK, 64, 2),
                        new Op.Mwrite("/h", 64, 64, 3), new Op.Fsync("/h")),
                "sync-store-to-a-hole", List.of(creat, truncate, sync,
                        new Op.Mwrite("/h", 400 * BLOCK, 128, 4),
                        new Op.Persist("/h", 400 * BLOCK, 128),
                        new Op.Mwrite("/h", 0, 64, 5), new Op.Persist("/h", 0, 64)),
                "punch-beside-stores", List.of(creat, falloc, new Op.Fsync("/h"), sync,
                        new Op.Mwrite("/h", 100 * BLOCK, 64, 6),
                        new Op.Fpunch("/h", 200 * BLOCK, 4 * BLOCK),
                        new Op.Mwrite("/h", 201 * BLOCK, 64, 7),
                        new Op.Persist("/h", 201 * BLOCK, 64),
                        new Op.Persist("/h", 100 * BLOCK, 64)));
    }

    /** Returns what brings the log to just before the end of its ring of 1024 lines. */
    static List<Op> beforeWrap() {
        List<Op> ops = new ArrayList<>(List.of(new Op.Creat("/a"), new Op.Creat("/b"), CHECKPOINT));
        for (int i = 0; i < 990; i++) {
            ops.add(new Op.Chmod("/a", i & 0777));
        }
        return ops;
    }

    /** Returns records across the end of the ring, and round it once more. */
    static List<Op> wrap() {
        List<Op> ops = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ops.add(i % 3 == 0 ? new Op.Setfattr("/b", "user.x", "v".repeat(i + 1))
                    : new Op.Chmod("/a", 0100 + i));
            if (i % 8 == 7) {
                ops.add(i % 16 == 7 ? new Op.Fsync("/a") : new Op.Tick());
            }
        }
        return ops;
    }

    /** Returns what happens when space runs out, and when it comes back. */
    static Map<String, List<Op>> nearlyFull() {
        Op fill = new Op.Pwrite("/full", 0, ALL_SPACE, 1);
        return Map.of(
                "delete-and-reuse", List.of(new Op.Creat("/full"), fill, SYNC,
                        new Op.Creat("/b"), new Op.Pwrite("/b", 0, 5000, 2),
                        new Op.Unlink("/full"), new Op.Pwrite("/b", 0, 20 * BLOCK, 3),
                        new Op.Fsync("/b")),
                "truncate-and-map", List.of(new Op.Creat("/full"), fill, SYNC,
                        new Op.Truncate("/full", 100 * BLOCK + 10),
                        new Op.Creat("/b"), new Op.Truncate("/b", 4 * BLOCK), SYNC,
                        new Op.Mmap("/b", 0, 4 * BLOCK, MapMode.SYNC),
                        new Op.Mwrite("/b", BLOCK, 64, 2), new Op.Persist("/b", BLOCK, 64)),
                "names-on-a-full-volume", List.of(new Op.Creat("/full"), fill, SYNC,
                        new Op.Creat("/c"), new Op.Link("/full", "/d"),
                        new Op.Setfattr("/full", "user.x", "v".repeat(900)),
                        new Op.Rename("/c", "/e", RenameMode.REPLACE), CHECKPOINT,
                        new Op.Unlink("/full"), new Op.Unlink("/d"), SYNC));
    }

    private static Op sync(String path) {
        return new Op.Mmap(path, 0, 16384, MapMode.SYNC);
    }

    private static Op store(String path) {
        return new Op.Mwrite(path, 8192, 64, 7);
    }

    private static Op persist(String path) {
        return new Op.Persist(path, 8192, 64);
    }
}
