package dev.holdfast.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntPredicate;

/** What a request does not say about who makes it: the other groups. Asked for where it is rare. */
final class Caller {
    private static final String GROUPS = "Groups:";

    private Caller() {}

    /** Returns what {@link #isIn} tells of who asks. */
    static IntPredicate of(Request request) {
        return group -> isIn(request, group);
    }

    /** Tells whether who asks is in a group, or is root. One who has gone meanwhile is in none. */
    static boolean isIn(Request request, int group) {
        return request.uid() == 0 || request.gid() == group
                || isListed(Path.of("/proc/" + request.pid() + "/status"), group);
    }

    static boolean isListed(Path status, int group) {
        String wanted = Integer.toUnsignedString(group);
        try {
            return Files.readAllLines(status, StandardCharsets.ISO_8859_1).stream()
                    .filter(line -> line.startsWith(GROUPS))
                    .flatMap(line -> Arrays.stream(line.substring(GROUPS.length()).split("\\s+")))
                    .anyMatch(wanted::equals);
        } catch (IOException gone) {
            return false;
        }
    }
}
