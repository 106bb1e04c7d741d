package dev.holdfast.nio;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/** Walks a path from the root, and notes the names that it really goes through. */
final class RealPath {
    private static final int LINKS = 40;

    private record Step(String name, Inode inode) {}

    private final FileSystem core;
    private final boolean follow;

    RealPath(FileSystem core, boolean follow) {
        this.core = core;
        this.follow = follow;
    }

    String of(String path) throws IOException {
        ArrayDeque<Step> way = new ArrayDeque<>();
        ArrayDeque<String> rest = new ArrayDeque<>(Arrays.asList(path.split("/")));
        int links = 0;
        while (!rest.isEmpty()) {
            String name = rest.poll();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                // Of a symbolic link that stays, ".." is not the directory it stands in.
                way.pollLast();
                continue;
            }
            Inode at = way.isEmpty() ? core.root() : way.getLast().inode;
            if (at.type() == FileType.SYMLINK) {
                at = core.paths().resolve(text(way), true);
            }
            Inode next = core.namespace().lookup(at, name);
            boolean link = next.type() == FileType.SYMLINK;
            if (link && (follow || rest.contains(".."))) {
                if (++links > LINKS) {
                    throw new HoldfastException(ErrorCode.SYMLINK_LOOP,
                            path + ": too many symbolic links");
                }
                String target = core.paths().readLink(next);
                if (target.startsWith("/")) {
                    way.clear();
                }
                List.of(target.split("/")).reversed().forEach(rest::addFirst);
            } else {
                way.add(new Step(name, next));
            }
        }
        return text(way);
    }

    private static String text(ArrayDeque<Step> way) {
        StringBuilder text = new StringBuilder();
        way.forEach(step -> text.append('/').append(step.name));
        return text.isEmpty() ? "/" : text.toString();
    }
}
