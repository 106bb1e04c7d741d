package dev.holdfast.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Paths and matchers answer as those of Unix do. */
class PathTest {
    private static final String[] NAMES = {"a", "b", "..", ".", "a.b", "", "é", "/"};

    private final FileSystem unix = FileSystems.getDefault();
    private Place.Mounted mounted;
    private FileSystem ours;

    @BeforeEach
    void mount() throws IOException {
        mounted = Place.MEMFD.open(EveryPlace.VOLUME_BYTES);
        ours = mounted.root().getFileSystem();
    }

    @AfterEach
    void unmount() throws IOException {
        mounted.close();
    }

    /**
     * The JDK does not escape the end of a range, so that its regular expression breaks; ours does.
     */
    private static final Pattern RANGE_TO_META = Pattern.compile("-[\\\\\\[]");

    private static String text(Random random) {
        StringBuilder text = new StringBuilder(random.nextInt(3) == 0 ? "/" : "");
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(NAMES[random.nextInt(NAMES.length)]).append(i > 1 ? "/" : "");
        }
        return text.toString();
    }

    private static String outcome(Callable<Object> call) {
        try {
            return String.valueOf(call.call());
        } catch (Exception e) {
            return e.getClass().getName();
        }
    }

    private void same(String what, Callable<Object> mine, Callable<Object> theirs) {
        assertThat(outcome(mine)).as(what).isEqualTo(outcome(theirs));
    }

    @Test
    void randomPathsAnswerAsUnixPathsDo() {
        long seed = Seed.get();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            String first = text(random);
            String second = text(random);
            String what = "seed " + seed + ": '" + first + "' '" + second + "' ";
            Path a = ours.getPath(first);
            Path b = ours.getPath(second);
            Path x = unix.getPath(first);
            Path y = unix.getPath(second);
            int index = random.nextInt(4);
            int end = random.nextInt(5);
            same(what, () -> a, () -> x);
            same(what + "parent", a::getParent, x::getParent);
            same(what + "name", a::getFileName, x::getFileName);
            same(what + "root", a::getRoot, x::getRoot);
            same(what + "count", a::getNameCount, x::getNameCount);
            same(what + "getName", () -> a.getName(index), () -> x.getName(index));
            same(what + "subpath", () -> a.subpath(index, end), () -> x.subpath(index, end));
            same(what + "normalize", a::normalize, x::normalize);
            same(what + "resolve", () -> a.resolve(b), () -> x.resolve(y));
            same(what + "sibling", () -> a.resolveSibling(b), () -> x.resolveSibling(y));
            same(what + "relativize", () -> a.relativize(b), () -> x.relativize(y));
            same(what + "starts", () -> a.startsWith(b), () -> x.startsWith(y));
            same(what + "ends", () -> a.endsWith(b), () -> x.endsWith(y));
            same(what + "equals", () -> a.equals(b), () -> x.equals(y));
            same(what + "compare", () -> Integer.signum(a.compareTo(b)),
                    () -> Integer.signum(x.compareTo(y)));
            same(what + "join", () -> ours.getPath(first, second, ""),
                    () -> unix.getPath(first, second, ""));
        }
    }

    @Test
    void randomGlobsMatchAsUnixOnesDo() {
        long seed = Seed.get();
        Random random = new Random(seed);
        String alphabet = "ab*?[]{},!-^\\./";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder glob = new StringBuilder("glob:");
            for (int n = random.nextInt(8); n > 0; n--) {
                glob.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String text = text(random);
            if (RANGE_TO_META.matcher(glob).find()) {
                continue;
            }
            same("seed " + seed + ": " + glob + " on " + text,
                    () -> ours.getPathMatcher(glob.toString()).matches(ours.getPath(text)),
                    () -> unix.getPathMatcher(glob.toString()).matches(unix.getPath(text)));
        }
        assertThatThrownBy(() -> ours.getPathMatcher("glob:{a"))
                .isInstanceOf(PatternSyntaxException.class);
        assertThatThrownBy(() -> ours.getPathMatcher("none:a"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void whatCannotBeAPathIsRefused() {
        assertThatThrownBy(() -> ours.getPath("a\0b")).isInstanceOf(InvalidPathException.class);
        assertThatThrownBy(() -> ours.getPath("\ud800")).isInstanceOf(InvalidPathException.class);
        assertThatThrownBy(() -> ours.getPath("a").resolve(unix.getPath("b")))
                .isInstanceOf(ProviderMismatchException.class);
        assertThat(ours.getPath("a")).isNotEqualTo(unix.getPath("a"));
        assertThatThrownBy(() -> ours.getPath("a").toFile())
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
