package dev.holdfast.device;

import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.FileStatus;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds who holds the lock on a volume, for the message that refuses a second opener. Best effort:
 * processes come and go, and those of other users cannot be looked into.
 */
final class LockHolder {
    private static final Path PROC = Path.of("/proc");
    private static final int COMMAND_LIMIT = 120;

    private final FileStatus file;
    private final int ownFd;
    private String holder;
    private String bystander;

    private LockHolder(FileStatus file, int ownFd) {
        this.file = file;
        this.ownFd = ownFd;
    }

    /**
     * Returns words for the holder, to follow "is in use by".
     *
     * @param ownFd the descriptor that asks, which is not a holder
     */
    static String describe(FileStatus file, int ownFd) {
        LockHolder search = new LockHolder(file, ownFd);
        search.scan();
        if (search.holder != null) {
            return search.holder;
        }
        if (mapsHold(file)) {
            return "this process (a window on it is still mapped)";
        }
        return search.bystander != null
                ? search.bystander : "a process that cannot be seen from here";
    }

    private void scan() {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                scan(process);
            }
        } catch (IOException noProc) {
            // The message then says that the holder cannot be seen.
        }
    }

    private void scan(Path process) {
        long pid = Long.parseLong(process.getFileName().toString());
        boolean self = pid == ProcessHandle.current().pid();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                String number = descriptor.getFileName().toString();
                if (self && number.equals(Integer.toString(ownFd)) || !isThisFile(descriptor)) {
                    continue;
                }
                String words = self ? "this process"
                        : "process " + pid + " (" + command(process) + ")";
                if (locks(process.resolve("fdinfo").resolve(number))) {
                    holder = words;
                } else if (bystander == null) {
                    bystander = words;
                }
            }
        } catch (IOException | SecurityException goneOrForbidden) {
            // The process ended meanwhile, or belongs to another user.
        }
    }

    private boolean isThisFile(Path descriptor) {
        try {
            return Linux.stat(descriptor.toString()).sameFile(file);
        } catch (ErrnoException closedMeanwhile) {
            return false;
        }
    }

    private static boolean locks(Path fdinfo) {
        try {
            return Files.readString(fdinfo).contains("OFDLCK");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private static String command(Path process) {
        try {
            byte[] line = Files.readAllBytes(process.resolve("cmdline"));
            String command = new String(line, StandardCharsets.UTF_8).replace('\0', ' ').trim();
            if (command.length() <= COMMAND_LIMIT) {
                return command;
            }
            return command.substring(0, COMMAND_LIMIT) + "...";
        } catch (IOException endedMeanwhile) {
            return "ended";
        }
    }

    /** Tells whether this process maps the file: a mapping holds the lock after its descriptor. */
    private static boolean mapsHold(FileStatus file) {
        String identity = String.format("%02x:%02x %d ",
                file.device() >>> 32, file.device() & 0xffffffffL, file.inode());
        try {
            return Files.readAllLines(PROC.resolve("self/maps"), StandardCharsets.ISO_8859_1)
                    .stream()
                    .anyMatch(line -> (line + " ").contains(identity));
        } catch (IOException noProc) {
            return false;
        }
    }
}
