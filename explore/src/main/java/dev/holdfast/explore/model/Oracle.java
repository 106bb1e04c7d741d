package dev.holdfast.explore.model;

import dev.holdfast.file.FileType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Judges what a crash left (design: "What recovers"): names, sizes, extents and attributes of a
 * prefix of the operations that no promise lies past, and in each word of each file something that
 * was stored there and not yet persisted, or what was persisted, or zero where newly allocated.
 *
 * <p>One operation on the content of a file may be several records; between its two states each
 * block and the size may be the one's or the other's.
 */
final class Oracle {
    private Oracle() {}

    /** Returns the state that was recovered; its blocks have the contents found. */
    static State recovered(Model model, Observed found) {
        StringBuilder whyNot = new StringBuilder();
        for (int number = model.last(); number >= model.required(); number--) {
            State before = model.state(number);
            boolean partial = number < model.last() && isOfContent(model.op(number + 1));
            String problem = problem(model, number, before, before, found);
            if (problem != null && partial) {
                problem = problem(model, number, before, model.state(number + 1), found);
            }
            if (problem == null) {
                State after = partial ? model.state(number + 1) : before;
                return adopted(before, after, found);
            }
            whyNot.append("\n  not state ").append(number).append(" (after ")
                    .append(model.op(number)).append("): ").append(problem);
        }
        throw new Violation("recovered is no prefix of the operations; states " + model.required()
                + " to " + model.last() + " were possible" + whyNot);
    }

    private static boolean isOfContent(Op op) {
        return op instanceof Op.Pwrite || op instanceof Op.Mwrite || op instanceof Op.Truncate
                || op instanceof Op.Falloc || op instanceof Op.Fpunch || op instanceof Op.Fzero;
    }

    private static String problem(Model model, int number, State before, State after,
            Observed found) {
        String problem = difference(before, after, found);
        if (problem != null) {
            return problem;
        }
        for (var path : before.paths().entrySet()) {
            Node node = path.getValue();
            if (node.isFile()) {
                problem = impossible(node, after.node(node.id), found.entries().get(path.getKey()));
                if (problem == null && number == model.last()) {
                    problem = torn(model, node, found.entries().get(path.getKey()));
                }
                if (problem != null) {
                    return path.getKey() + ": " + problem;
                }
            }
        }
        return null;
    }

    /** Returns how names, sizes, extents or attributes differ, or null. */
    static String difference(State before, State after, Observed found) {
        var paths = before.paths();
        if (!paths.keySet().equals(found.entries().keySet())) {
            return "the names are " + found.entries().keySet() + " instead of " + paths.keySet();
        }
        Map<Integer, Long> inodes = new HashMap<>();
        for (var path : paths.entrySet()) {
            Node node = path.getValue();
            Observed.Entry entry = found.entries().get(path.getKey());
            Long other = inodes.put(node.id, entry.stat().inode());
            if (other != null && other != entry.stat().inode()) {
                return path.getKey() + ": is not the inode it should be a name of";
            }
            String problem = difference(before, node, after.node(node.id), entry);
            if (problem != null) {
                return path.getKey() + ": " + problem;
            }
        }
        return inodes.values().stream().distinct().count() == inodes.size() ? null
                : "files that should be two are one";
    }

    private static String difference(State state, Node node, Node later, Observed.Entry entry) {
        if (node.type != entry.stat().type() || node.mode != entry.stat().mode()
                || state.links(node) != entry.stat().links()) {
            return entry.stat() + " instead of " + node.type + ", mode " + node.mode + ", links "
                    + state.links(node);
        }
        if (!node.xattrs.equals(entry.xattrs())) {
            return "attributes " + entry.xattrs() + " instead of " + node.xattrs;
        }
        if (node.type == FileType.SYMLINK && !node.target.equals(entry.target())) {
            return "target " + entry.target() + " instead of " + node.target;
        }
        long size = node.isDirectory() ? node.names.size() : node.size;
        long laterSize = node.isDirectory() ? size : later.size;
        if (entry.size() != size && entry.size() != laterSize) {
            return "size " + entry.size() + " instead of " + size;
        }
        if (!node.isFile()) {
            return null;
        }
        for (Long page : union(node, later, entry)) {
            Boolean is = entry.blocks().get(page);
            if (!isLike(node.blocks.get(page), is) && !isLike(later.blocks.get(page), is)) {
                return "block " + page + " is " + kind(is) + " instead of "
                        + kind(node.blocks.get(page));
            }
        }
        return null;
    }

    private static Iterable<Long> union(Node node, Node later, Observed.Entry entry) {
        var pages = new java.util.TreeSet<>(node.blocks.keySet());
        pages.addAll(later.blocks.keySet());
        pages.addAll(entry.blocks().keySet());
        return pages;
    }

    private static boolean isLike(FileBlock block, Boolean written) {
        return block == null ? written == null : written != null && block.written == written;
    }

    private static String kind(FileBlock block) {
        return kind(block == null ? null : Boolean.valueOf(block.written));
    }

    private static String kind(Boolean written) {
        return written == null ? "a hole" : written ? "written" : "unwritten";
    }

    private static FileBlock chosen(Node node, Node later, long page, Observed.Entry entry) {
        FileBlock block = later.blocks.get(page);
        return isLike(block, entry.blocks().get(page)) ? block : node.blocks.get(page);
    }

    /** Returns the first word of the contents that no crash can have left, or null. */
    private static String impossible(Node node, Node later, Observed.Entry entry) {
        for (long page = 0; page * FileBlock.BYTES < entry.size(); page++) {
            byte[] bytes = entry.block(page);
            int end = (int) Math.min(FileBlock.BYTES, entry.size() - page * FileBlock.BYTES);
            FileBlock block = chosen(node, later, page, entry);
            int bad = block == null || !block.written
                    ? Arrays.mismatch(bytes, new byte[FileBlock.BYTES])
                    : block.firstImpossible(bytes, end);
            if (bad >= 0) {
                return "byte " + (page * FileBlock.BYTES + bad) + " is " + (bytes[bad] & 0xff)
                        + ", never stored there, or lost after it was persisted"
                        + (block == null ? "; it is a hole"
                                : "; the last store left " + (block.live()[bad] & 0xff));
            }
        }
        return null;
    }

    private static String torn(Model model, Node node, Observed.Entry entry) {
        for (var at : node.blocks.entrySet()) {
            int end = Math.clamp(entry.size() - at.getKey() * FileBlock.BYTES, 0,
                    FileBlock.BYTES);
            if (model.wholeIfDone().contains(at.getValue())
                    && at.getValue().firstDifferent(entry.block(at.getKey()), end) >= 0) {
                return "block " + at.getKey() + " is not whole, though a rename put it over a name";
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
        entry.blocks().forEach((page, written) -> {
            FileBlock block = new FileBlock(written, 0);
            FileBlock was = chosen(old, later, page, entry);
            if (written) {
                block.settle(was.live(), FileBlock.BYTES);
                int end = Math.clamp(entry.size() - page * FileBlock.BYTES, 0,
                        FileBlock.BYTES);
                block.settle(entry.block(page), end);
            }
            node.blocks.put(page, block);
        });
    }
}
