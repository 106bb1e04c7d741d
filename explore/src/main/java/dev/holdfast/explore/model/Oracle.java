package dev.holdfast.explore.model;

import dev.holdfast.explore.Violation;
import dev.holdfast.file.FileType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Judges what a crash left (design: "What recovers"): names, sizes, extents and attributes of a
 * prefix of the operations that no promise lies past, and in each word of each file something that
 * was stored there and not yet persisted, or what was persisted, or zero where newly allocated.
 *
 * <p>One operation on the content of a file may be several records; between its two states each
 * block and the size may be the one's or the other's.
 *
 * <p>Runs for each of many thousand states, of which hardly any is wrong: what is wrong is put into
 * words only once nothing fits.
 */
final class Oracle {
    private static final byte[] ZEROES = new byte[FileBlock.BYTES];

    private Oracle() {}

    /** Returns the number of the state that was recovered; throws if none of the model's was. */
    static int match(Model model, Observed found) {
        List<Supplier<String>> whyNot = null;
        for (int number = model.last(); number >= model.required(); number--) {
            Supplier<String> problem = problem(model, number, found);
            if (problem == null) {
                return number;
            }
            whyNot = whyNot == null ? new ArrayList<>() : whyNot;
            whyNot.add(problem);
        }
        StringBuilder message = new StringBuilder("recovered is no prefix of the operations; ");
        message.append(model.required() == model.last() ? "state " + model.last() + " was"
                : "states " + model.required() + " to " + model.last() + " were");
        message.append(" possible");
        for (int i = 0; i < whyNot.size(); i++) {
            int number = model.last() - i;
            message.append("\n  not state ").append(number).append(" (after ")
                    .append(number == 0 ? "nothing" : model.op(number)).append("): ")
                    .append(whyNot.get(i).get());
        }
        throw new Violation(message.toString());
    }

    /** Returns the state that was recovered; its blocks have the contents found. */
    static State recovered(Model model, Observed found) {
        int number = match(model, found);
        return adopted(model.state(number), after(model, number), found);
    }

    /** Returns the state that the first records of the next operation may have led towards. */
    private static State after(Model model, int number) {
        return number < model.last() && isOfContent(model.op(number + 1))
                ? model.state(number + 1) : model.state(number);
    }

    private static boolean isOfContent(Op op) {
        return op instanceof Op.Pwrite || op instanceof Op.Mwrite || op instanceof Op.Truncate
                || op instanceof Op.Falloc || op instanceof Op.Fpunch || op instanceof Op.Fzero
                || op instanceof Op.Append;
    }

    private static Supplier<String> problem(Model model, int number, Observed found) {
        State before = model.state(number);
        Supplier<String> problem = problem(model, number, before, before, found);
        State after = after(model, number);
        return problem == null || after == before ? problem
                : problem(model, number, before, after, found);
    }

    private static Supplier<String> problem(Model model, int number, State before, State after,
            Observed found) {
        Supplier<String> problem = difference(before, after, found);
        if (problem != null) {
            return problem;
        }
        for (var path : before.paths().entrySet()) {
            Node node = path.getValue();
            if (!node.isFile()) {
                continue;
            }
            Observed.Entry entry = found.entries().get(path.getKey());
            problem = impossible(model, node, after.node(node.id), entry);
            if (problem == null && number == model.last()) {
                problem = torn(model, node, entry);
            }
            if (problem != null) {
                return at(path.getKey(), problem);
            }
        }
        return null;
    }

    private static Supplier<String> at(String path, Supplier<String> problem) {
        return () -> path + ": " + problem.get();
    }

    /** Returns how names, sizes, extents or attributes differ, or null. */
    static Supplier<String> difference(State before, State after, Observed found) {
        var paths = before.paths();
        if (!paths.keySet().equals(found.entries().keySet())) {
            return () -> "the names are " + found.entries().keySet() + " instead of "
                    + paths.keySet();
        }
        Map<Integer, Long> inodes = HashMap.newHashMap(paths.size());
        for (var path : paths.entrySet()) {
            Node node = path.getValue();
            Observed.Entry entry = found.entries().get(path.getKey());
            Long other = inodes.put(node.id, entry.stat().inode());
            if (other != null && other != entry.stat().inode()) {
                return () -> path.getKey() + ": is not the inode it should be a name of";
            }
            Supplier<String> problem = difference(before, node, after.node(node.id), entry);
            if (problem != null) {
                return at(path.getKey(), problem);
            }
        }
        return areDistinct(inodes) ? null : () -> "files that should be two are one";
    }

    private static boolean areDistinct(Map<Integer, Long> inodes) {
        long[] sorted = inodes.values().stream().mapToLong(Long::longValue).sorted().toArray();
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i - 1] == sorted[i]) {
                return false;
            }
        }
        return true;
    }

    private static Supplier<String> difference(State state, Node node, Node later,
            Observed.Entry entry) {
        if (node.type != entry.stat().type() || node.mode != entry.stat().mode()
                || state.links(node) != entry.stat().links()) {
            return () -> entry.stat() + " instead of " + node.type + ", mode " + node.mode
                    + ", links " + state.links(node);
        }
        if (!node.xattrs.equals(entry.xattrs())) {
            return () -> "attributes " + entry.xattrs() + " instead of " + node.xattrs;
        }
        if (node.type == FileType.SYMLINK && !node.target.equals(entry.target())) {
            return () -> "target " + entry.target() + " instead of " + node.target;
        }
        long size = node.isDirectory() ? node.names.size() : node.size;
        long laterSize = node.isDirectory() ? size : later.size;
        if (entry.size() != size && entry.size() != laterSize) {
            return () -> "size " + entry.size() + " instead of " + size;
        }
        return node.isFile() ? blocksDiffer(node, later, entry) : null;
    }

    private static Supplier<String> blocksDiffer(Node node, Node later, Observed.Entry entry) {
        byte[] kinds = entry.kinds();
        int had = 0;
        for (int page = 0; page < kinds.length; page++) {
            FileBlock block = node.blocks.get((long) page);
            had += block != null ? 1 : 0;
            if (kind(block) != kinds[page] && (later == node
                    || kind(later.blocks.get((long) page)) != kinds[page])) {
                return kindDiffers(node, page, kinds[page]);
            }
        }
        if (had == node.blocks.size()) {
            return null;
        }
        for (long page : node.blocks.tailMap((long) kinds.length).keySet()) {
            if (later.blocks.containsKey(page)) {
                return kindDiffers(node, page, Observed.HOLE);
            }
        }
        return null;
    }

    private static Supplier<String> kindDiffers(Node node, long page, byte found) {
        return () -> "block " + page + " is " + word(found) + " instead of "
                + word(kind(node.blocks.get(page)));
    }

    private static byte kind(FileBlock block) {
        return block == null ? Observed.HOLE : block.written ? Observed.WRITTEN
                : Observed.UNWRITTEN;
    }

    private static String word(byte kind) {
        return switch (kind) {
            case Observed.HOLE -> "a hole";
            case Observed.UNWRITTEN -> "unwritten";
            default -> "written";
        };
    }

    private static FileBlock chosen(Node node, Node later, long page, Observed.Entry entry) {
        FileBlock block = later.blocks.get(page);
        return kind(block) == entry.kind(page) ? block : node.blocks.get(page);
    }

    /** Returns the first word of the contents that no crash can have left, or null. */
    private static Supplier<String> impossible(Model model, Node node, Node later,
            Observed.Entry entry) {
        byte[] bytes = entry.contents();
        for (int page = 0; page * FileBlock.BYTES < bytes.length; page++) {
            int start = page * FileBlock.BYTES;
            int end = entry.blockEnd(page);
            FileBlock block = chosen(node, later, page, entry);
            int bad = block == null || !block.written
                    ? Arrays.mismatch(ZEROES, 0, end, bytes, start, start + end)
                    : block.firstImpossible(bytes, start, end);
            if (bad >= 0) {
                return () -> Words.explain(model, block, start, bad & -Long.BYTES, bytes);
            }
        }
        return null;
    }

    private static Supplier<String> torn(Model model, Node node, Observed.Entry entry) {
        if (model.wholeIfDone().isEmpty()) {
            return null;
        }
        for (var at : node.blocks.entrySet()) {
            long page = at.getKey();
            int end = entry.blockEnd(page);
            if (model.wholeIfDone().contains(at.getValue()) && end > 0
                    && at.getValue().firstDifferent(entry.contents(),
                            (int) page * FileBlock.BYTES, end) >= 0) {
                return () -> "block " + page
                        + " is not whole, though a rename put it over a name";
            }
        }
        return null;
    }

    private static State adopted(State before, State after, Observed found) {
        State state = before.copy();
        for (var path : before.paths().entrySet()) {
            Node node = state.edit(path.getValue().id);
            Node later = after.node(node.id);
            Observed.Entry entry = found.entries().get(path.getKey());
            node.sizes.clear();
            node.sizes.add(new long[] {0, entry.size()});
            node.dataChangedAt = 0;
            node.changedAt = 0;
            if (node.isFile()) {
                node.size = entry.size();
                adoptBlocks(path.getValue(), later, node, entry);
            }
        }
        return state;
    }

    private static void adoptBlocks(Node old, Node later, Node node, Observed.Entry entry) {
        node.blocks.clear();
        for (long page = 0; page < entry.kinds().length; page++) {
            if (entry.kind(page) == Observed.HOLE) {
                continue;
            }
            boolean written = entry.kind(page) == Observed.WRITTEN;
            FileBlock block = new FileBlock(written, 0);
            if (written) {
                block.settle(chosen(old, later, page, entry).live(), 0, FileBlock.BYTES);
                int end = entry.blockEnd(page);
                if (end > 0) {
                    block.settle(entry.contents(), (int) page * FileBlock.BYTES, end);
                }
            }
            node.blocks.put(page, block);
        }
    }
}
