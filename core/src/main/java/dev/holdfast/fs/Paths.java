package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.file.NameText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Walks paths. A path is absolute in its volume: a leading '/' may be left out, repeated and
 * trailing ones do not count, "." and ".." are followed, and symbolic links are too.
 */
public final class Paths {
    private final FileSystem fs;

    /** The directory that holds a name, and the name. */
    public record Parent(Inode directory, String name) {}

    /** Decides who may search a directory. */
    public interface SearchGate {
        /** Returns if the directory may be searched, and throws ACCESS_DENIED if not. */
        void pass(Inode directory) throws IOException;
    }

    private static final SearchGate OPEN = directory -> { };

    Paths(FileSystem fs) {
        this.fs = fs;
    }

    /** Returns what a path leads to; a symbolic link at its end is followed only if so asked. */
    public Inode resolve(String path, boolean followLast) throws IOException {
        return walk(fs.root(), path, split(path), followLast, OPEN);
    }

    /** Returns what a path leads to, all links followed, as one who must pass a gate may. */
    public Inode resolve(String path, SearchGate gate) throws IOException {
        return walk(fs.root(), path, split(path), true, gate);
    }

    /** Returns what a path leads to that begins at a directory, unless it begins with '/'. */
    public Inode resolveFrom(Inode directory, String path, boolean followLast) throws IOException {
        return walk(start(directory, path), path, split(path), followLast, OPEN);
    }

    /** Returns the directory of a path's last component, all links before it followed. */
    public Parent parent(String path) throws IOException {
        return parentFrom(fs.root(), path);
    }

    /** Returns the directory of a path's last component, as one who must pass a gate may. */
    public Parent parent(String path, SearchGate gate) throws IOException {
        return parentFrom(fs.root(), path, gate);
    }

    /** Returns the directory of the last component of a path that begins at a directory. */
    public Parent parentFrom(Inode from, String path) throws IOException {
        return parentFrom(from, path, OPEN);
    }

    private Parent parentFrom(Inode from, String path, SearchGate gate) throws IOException {
        List<String> parts = split(path);
        if (parts.isEmpty()) {
            throw new HoldfastException(ErrorCode.INVALID, "\"" + path + "\" has no last name");
        }
        Inode directory =
                walk(start(from, path), path, parts.subList(0, parts.size() - 1), true, gate);
        gate.pass(directory);
        return new Parent(directory, parts.getLast());
    }

    private Inode start(Inode directory, String path) throws IOException {
        return path.startsWith("/") ? fs.root() : directory;
    }

    private Inode walk(Inode start, String path, List<String> parts, boolean followLast,
            SearchGate gate) throws IOException {
        int links = 0;
        ArrayDeque<Inode> above = new ArrayDeque<>();
        Inode at = start;
        ArrayDeque<String> rest = new ArrayDeque<>(parts);
        while (!rest.isEmpty()) {
            String part = rest.poll();
            requireDirectory(at, path, part);
            gate.pass(at);
            if (part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                at = above.isEmpty() ? fs.namespace().lookup(at, "..") : above.pop();
                continue;
            }
            Inode next = fs.namespace().lookupOrNull(at, part);
            if (next == null) {
                throw new HoldfastException(ErrorCode.NOT_FOUND,
                        path + ": no such file or directory"
                        + (rest.isEmpty() ? "" : ": \"" + part + "\" is missing"));
            }
            if (next.type == FileType.SYMLINK && (followLast || !rest.isEmpty())) {
                String target = readLink(next);
                if (++links > Limits.SYMLINKS) {
                    throw new HoldfastException(ErrorCode.SYMLINK_LOOP,
                            path + ": more than " + Limits.SYMLINKS + " symbolic links");
                }
                if (target.startsWith("/")) {
                    above.clear();
                    at = fs.root();
                }
                List<String> targetParts = split(target);
                Collections.reverse(targetParts);
                targetParts.forEach(rest::addFirst);
            } else {
                above.push(at);
                at = next;
            }
        }
        return at;
    }

    private static void requireDirectory(Inode inode, String path, String part)
            throws HoldfastException {
        if (inode.type != FileType.DIRECTORY) {
            throw new HoldfastException(ErrorCode.NOT_A_DIRECTORY,
                    path + ": what comes before \"" + part + "\" is not a directory");
        }
    }

    private static List<String> split(String path) throws HoldfastException {
        if (path.isEmpty()) {
            throw new HoldfastException(ErrorCode.NOT_FOUND, "an empty path");
        }
        if (path.length() > Limits.PATH_BYTES
                || path.getBytes(StandardCharsets.UTF_8).length >= Limits.PATH_BYTES) {
            throw new HoldfastException(ErrorCode.NAME_TOO_LONG, "a path of more than "
                    + (Limits.PATH_BYTES - 1) + " bytes: " + path.substring(0, 64) + "...");
        }
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/")) {
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** Returns the target of a symbolic link, as it was given. */
    public String readLink(Inode link) throws IOException {
        if (link.type != FileType.SYMLINK) {
            throw new HoldfastException(ErrorCode.INVALID, link + " is not a symbolic link");
        }
        if (link.target == null) {
            link.target = readTarget(link);
        }
        return NameText.decode(link.target);
    }

    private byte[] readTarget(Inode link) throws IOException {
        return fs.trees().read(tree -> {
            if (link.sizeBytes() >= Limits.PATH_BYTES) {
                throw new HoldfastException(ErrorCode.CORRUPT, link + ": a target of "
                        + link.sizeBytes() + " bytes; run check");
            }
            byte[] target = new byte[(int) link.sizeBytes()];
            int done = 0;
            for (int piece = 0; done < target.length; piece++) {
                byte[] part = tree.get(ItemType.symlink(link.ino, piece));
                if (part == null || part.length == 0 || part.length > target.length - done) {
                    throw new HoldfastException(ErrorCode.CORRUPT,
                            link + ": its target is not as long as its size says");
                }
                System.arraycopy(part, 0, target, done, part.length);
                done += part.length;
            }
            return target;
        });
    }

    /** Checks a link target and encodes it. */
    public byte[] encodeTarget(String target) throws HoldfastException {
        byte[] bytes = Name.encode(target, "link target");
        if (bytes.length == 0 || bytes.length >= Limits.PATH_BYTES) {
            throw new HoldfastException(bytes.length == 0 ? ErrorCode.NOT_FOUND
                    : ErrorCode.NAME_TOO_LONG, "a link target of " + bytes.length
                    + " bytes; it must have from 1 to " + (Limits.PATH_BYTES - 1));
        }
        return bytes;
    }
}
