package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the three extent ops do to a file's extents, as functions from the extents that touch a
 * range (neighbours included) to those that replace them. The fold and the heap cache both use
 * them, so that the two cannot drift apart. Results are maximally joined: equal maps are equal
 * lists.
 */
final class ExtentEdit {
    private ExtentEdit() {}

    /** A hole gets blocks. */
    static List<Extent> mapped(List<Extent> touching, Extent added) throws HoldfastException {
        List<Extent> result = new ArrayList<>();
        boolean placed = false;
        for (Extent old : touching) {
            if (old.fileBlock() < added.fileEnd() && added.fileBlock() < old.fileEnd()) {
                throw new HoldfastException(ErrorCode.CORRUPT,
                        "file blocks " + added.fileBlock() + "+"
                        + added.count() + " are mapped already, by " + old);
            }
            if (!placed && old.fileBlock() > added.fileBlock()) {
                join(result, added);
                placed = true;
            }
            join(result, old);
        }
        if (!placed) {
            join(result, added);
        }
        return result;
    }

    /** The range becomes a hole. */
    static List<Extent> unmapped(List<Extent> touching, long from, long to) {
        List<Extent> result = new ArrayList<>();
        for (Extent old : touching) {
            if (old.fileBlock() < from) {
                join(result, old.part(old.fileBlock(), Math.min(from, old.fileEnd())));
            }
            if (old.fileEnd() > to) {
                join(result, old.part(Math.max(to, old.fileBlock()), old.fileEnd()));
            }
        }
        return result;
    }

    /** Unwritten extents of the range become written. */
    static List<Extent> converted(List<Extent> touching, long from, long to) {
        List<Extent> result = new ArrayList<>();
        for (Extent old : touching) {
            long start = Math.max(from, old.fileBlock());
            long end = Math.min(to, old.fileEnd());
            if (old.written() || start >= end) {
                join(result, old);
                continue;
            }
            if (old.fileBlock() < start) {
                join(result, old.part(old.fileBlock(), start));
            }
            Extent inner = old.part(start, end);
            join(result, new Extent(inner.fileBlock(), inner.deviceBlock(), inner.count(), true));
            if (end < old.fileEnd()) {
                join(result, old.part(end, old.fileEnd()));
            }
        }
        return result;
    }

    /** Returns the parts of {@code touching} that lie in the range. */
    static List<Extent> within(List<Extent> touching, long from, long to) {
        List<Extent> result = new ArrayList<>();
        for (Extent old : touching) {
            long start = Math.max(from, old.fileBlock());
            long end = Math.min(to, old.fileEnd());
            if (start < end) {
                result.add(old.part(start, end));
            }
        }
        return result;
    }

    private static void join(List<Extent> list, Extent next) {
        if (!list.isEmpty() && list.getLast().continuedBy(next)) {
            list.set(list.size() - 1, list.getLast().joinedWith(next));
        } else {
            list.add(next);
        }
    }
}
