package dev.holdfast.nio;

import dev.holdfast.file.NameText;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A path of a volume: names separated by '/', as on Unix. Immutable. Holds no repeated and no
 * trailing '/'; the empty path stands for the root directory, against which relative paths are
 * resolved.
 */
final class HoldfastPath implements Path {
    private static final String[] EMPTY_NAME = {""};

    private final HoldfastFileSystem fileSystem;
    private final String text;
    private final boolean absolute;
    /** The names, made on first need; a benign race. */
    private String[] names;

    private HoldfastPath(HoldfastFileSystem fileSystem, String text) {
        this.fileSystem = fileSystem;
        this.text = text;
        this.absolute = text.startsWith("/");
    }

    /** Returns the path that a text describes. */
    static HoldfastPath of(HoldfastFileSystem fileSystem, String text) {
        return new HoldfastPath(fileSystem, clean(text));
    }

    /** Checks the characters, and leaves out every '/' that says nothing. */
    private static String clean(String text) {
        StringBuilder cleaned = null;
        char before = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\0') {
                throw new InvalidPathException(text, "Nul character not allowed", i);
            }
            if (Character.isSurrogate(c) && !isPair(text, i) && !NameText.isEscape(text, i)) {
                throw new InvalidPathException(text, "an unpaired surrogate has no UTF-8 form", i);
            }
            if (c == '/' && before == '/') {
                cleaned = cleaned == null ? new StringBuilder(text.substring(0, i)) : cleaned;
            } else if (cleaned != null) {
                cleaned.append(c);
            }
            before = c;
        }
        String result = cleaned == null ? text : cleaned.toString();
        return result.length() > 1 && result.endsWith("/")
                ? result.substring(0, result.length() - 1) : result;
    }

    private static boolean isPair(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }

    /** Returns a path as one of this provider. */
    static HoldfastPath require(Path path) {
        if (Objects.requireNonNull(path, "path") instanceof HoldfastPath ours) {
            return ours;
        }
        throw new ProviderMismatchException(path + " is a path of " + path.getFileSystem());
    }

    /** Returns the path from the root, for the volume. */
    String inVolume() {
        return absolute ? text : "/" + text;
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    private String[] names() {
        String[] made = names;
        if (made == null) {
            made = text.isEmpty() ? EMPTY_NAME : text.equals("/") ? new String[0]
                    : text.substring(absolute ? 1 : 0).split("/", -1);
            names = made;
        }
        return made;
    }

    private HoldfastPath join(boolean fromRoot, List<String> parts) {
        String joined = String.join("/", parts);
        return new HoldfastPath(fileSystem, fromRoot ? "/" + joined : joined);
    }

    @Override
    public HoldfastFileSystem getFileSystem() {
        return fileSystem;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public HoldfastPath getRoot() {
        return absolute ? new HoldfastPath(fileSystem, "/") : null;
    }

    @Override
    public HoldfastPath getFileName() {
        String[] all = names();
        return all.length == 0 ? null : new HoldfastPath(fileSystem, all[all.length - 1]);
    }

    @Override
    public HoldfastPath getParent() {
        int slash = text.lastIndexOf('/');
        if (slash < 0 || text.length() == 1) {
            return null;
        }
        return new HoldfastPath(fileSystem, slash == 0 ? "/" : text.substring(0, slash));
    }

    @Override
    public int getNameCount() {
        return names().length;
    }

    @Override
    public HoldfastPath getName(int index) {
        if (index < 0 || index >= names().length) {
            throw new IllegalArgumentException("no name " + index + " in " + text);
        }
        return new HoldfastPath(fileSystem, names()[index]);
    }

    @Override
    public HoldfastPath subpath(int begin, int end) {
        if (begin < 0 || end > names().length || begin >= end) {
            throw new IllegalArgumentException("no names " + begin + " to " + end + " in " + text);
        }
        return join(false, Arrays.asList(names()).subList(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
        if (!(Objects.requireNonNull(other) instanceof HoldfastPath path)
                || path.fileSystem != fileSystem || path.absolute != absolute
                || path.isEmpty() != isEmpty()) {
            return false;
        }
        String[] mine = names();
        String[] theirs = path.names();
        return theirs.length <= mine.length
                && Arrays.equals(mine, 0, theirs.length, theirs, 0, theirs.length);
    }

    @Override
    public boolean endsWith(Path other) {
        if (!(Objects.requireNonNull(other) instanceof HoldfastPath path)
                || path.fileSystem != fileSystem || path.isEmpty() != isEmpty()) {
            return false;
        }
        String[] mine = names();
        String[] theirs = path.names();
        if (path.absolute) {
            return absolute && Arrays.equals(mine, theirs);
        }
        int from = mine.length - theirs.length;
        return from >= 0 && Arrays.equals(mine, from, mine.length, theirs, 0, theirs.length);
    }

    @Override
    public HoldfastPath normalize() {
        List<String> kept = new ArrayList<>();
        for (String name : names()) {
            boolean up = name.equals("..");
            if (up && !kept.isEmpty() && !kept.getLast().equals("..")) {
                kept.removeLast();
            } else if (!name.equals(".") && !name.isEmpty() && !(up && absolute)) {
                kept.add(name);
            }
        }
        return join(absolute, kept);
    }

    @Override
    public HoldfastPath resolve(Path other) {
        HoldfastPath path = require(other);
        if (path.absolute || isEmpty()) {
            return path;
        }
        return path.isEmpty() ? this : new HoldfastPath(fileSystem,
                text.endsWith("/") ? text + path.text : text + "/" + path.text);
    }

    @Override
    public HoldfastPath relativize(Path other) {
        HoldfastPath child = require(other);
        if (child.equals(this)) {
            return new HoldfastPath(fileSystem, "");
        }
        if (child.absolute != absolute) {
            throw new IllegalArgumentException(
                    "only one of " + this + " and " + other + " is absolute");
        }
        if (isEmpty()) {
            return child;
        }
        String[] from = dotted() || child.dotted() ? normalize().real() : real();
        String[] to = dotted() || child.dotted() ? child.normalize().real() : child.real();
        int same = 0;
        while (same < from.length && same < to.length && from[same].equals(to[same])) {
            same++;
        }
        List<String> parts = new ArrayList<>();
        for (int i = same; i < from.length; i++) {
            if (from[i].equals("..")) {
                throw new IllegalArgumentException(
                        "no path leads from " + this + " to " + other);
            }
            parts.add("..");
        }
        parts.addAll(Arrays.asList(to).subList(same, to.length));
        return join(false, parts);
    }

    private String[] real() {
        return isEmpty() ? new String[0] : names();
    }

    private boolean dotted() {
        return Arrays.stream(names()).anyMatch(name -> name.equals(".") || name.equals(".."));
    }

    @Override
    public URI toUri() {
        return fileSystem.uriOf(toAbsolutePath().text);
    }

    @Override
    public HoldfastPath toAbsolutePath() {
        return absolute ? this : new HoldfastPath(fileSystem, "/" + text);
    }

    @Override
    public HoldfastPath toRealPath(LinkOption... options) throws IOException {
        boolean follow = !Arrays.asList(options).contains(LinkOption.NOFOLLOW_LINKS);
        return new HoldfastPath(fileSystem, fileSystem.tree().realPath(this, follow));
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events,
            WatchEvent.Modifier... modifiers) throws IOException {
        if (!(Objects.requireNonNull(watcher) instanceof PollingWatchService service)) {
            throw new ProviderMismatchException("a watch service of another provider");
        }
        return service.register(this, events, modifiers);
    }

    @Override
    public int compareTo(Path other) {
        return Arrays.compareUnsigned(bytes(), require(other).bytes());
    }

    private byte[] bytes() {
        try {
            return NameText.encode(text);
        } catch (CharacterCodingException e) {
            throw new AssertionError("the constructor has looked at each character", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HoldfastPath path && path.fileSystem == fileSystem
                && path.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
