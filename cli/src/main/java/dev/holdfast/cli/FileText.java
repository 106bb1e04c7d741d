package dev.holdfast.cli;

import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Says attributes of files in words, as the usual tools do. */
final class FileText {
    private static final String BITS = "rwxrwxrwx";
    private static final long NANOS_A_SECOND = 1_000_000_000;

    private FileText() {}

    static String type(FileType type) {
        return switch (type) {
            case FILE -> "regular file";
            case DIRECTORY -> "directory";
            case SYMLINK -> "symbolic link";
            case FIFO -> "fifo";
            case SOCKET -> "socket";
            case CHARACTER_DEVICE -> "character device";
            case BLOCK_DEVICE -> "block device";
        };
    }

    /** Returns the ten letters of {@code ls -l}. */
    static String letters(FileStat stat) {
        StringBuilder letters = new StringBuilder().append(switch (stat.type()) {
            case FILE -> '-';
            case DIRECTORY -> 'd';
            case SYMLINK -> 'l';
            case FIFO -> 'p';
            case SOCKET -> 's';
            case CHARACTER_DEVICE -> 'c';
            case BLOCK_DEVICE -> 'b';
        });
        for (int bit = 0; bit < BITS.length(); bit++) {
            boolean isSet = (stat.mode() & 0400 >> bit) != 0;
            letters.append(isSet ? BITS.charAt(bit) : '-');
        }
        special(letters, 3, stat.mode() & 04000, 's');
        special(letters, 6, stat.mode() & 02000, 's');
        special(letters, 9, stat.mode() & 01000, 't');
        return letters.toString();
    }

    private static void special(StringBuilder letters, int at, int isSet, char letter) {
        if (isSet != 0) {
            boolean isExecutable = letters.charAt(at) == 'x';
            letters.setCharAt(at, isExecutable ? letter : Character.toUpperCase(letter));
        }
    }

    static String octal(int mode) {
        return String.format("%04o", mode);
    }

    /** Returns a time to the nanosecond, in UTC. */
    static String time(long nanos) {
        return instant(nanos).toString();
    }

    /** Returns a time to the second, in UTC. */
    static String shortTime(long nanos) {
        return instant(nanos).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static Instant instant(long nanos) {
        return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS_A_SECOND),
                Math.floorMod(nanos, NANOS_A_SECOND));
    }
}
