package dev.holdfast.cli.copy;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Copies from a volume to the host, with permissions and times; holes stay holes. What is made
 * belongs to the caller, without set-id bits. A file that is there is replaced at once, when the
 * new one is whole; a link that is there is replaced, never followed.
 */
public final class CopyOut extends Copier {
    /** Permission bits, as the enum's constants come: owner to others, read to execute. */
    private static final PosixFilePermission[] PERMISSIONS = PosixFilePermission.values();

    /** Prepares copies from {@code volume}; {@code progress} is told the bytes copied so far. */
    public CopyOut(Volume volume, LongConsumer progress) {
        super(volume, progress);
    }

    /** Returns the bytes of the regular files in a tree of the volume. */
    public static long bytesIn(Volume volume, String path) throws IOException {
        FileStat stat = volume.statLink(path);
        if (stat.type() == FileType.FILE) {
            return stat.sizeBytes();
        }
        long sum = 0;
        if (stat.type() == FileType.DIRECTORY) {
            for (DirectoryEntry entry : volume.list(path)) {
                sum += bytesIn(volume, VolumePath.join(path, entry.name()));
            }
        }
        return sum;
    }

    /** Writes the content of a file to a stream; returns its bytes. */
    public long stream(String path, OutputStream out) throws IOException {
        try (DaxFile file = volume.openFile(path)) {
            WritableByteChannel target = Channels.newChannel(out);
            long at = 0;
            while (true) {
                buffer.clear();
                int read = file.read(buffer, at);
                if (read == 0) {
                    out.flush();
                    return at;
                }
                buffer.flip();
                while (buffer.hasRemaining()) {
                    target.write(buffer);
                }
                at += read;
                bytesMoved(read);
            }
        }
    }

    /** Copies a file to {@code local}. */
    public void file(String path, Path local) throws IOException {
        FileStat stat = volume.stat(path);
        Path folder = local.toAbsolutePath().getParent();
        Path made = Files.createTempFile(folder, ".holdfast-get.", ".part");
        try {
            try (DaxFile file = volume.openFile(path);
                    RandomAccessFile target = new RandomAccessFile(made.toFile(), "rw")) {
                target.setLength(file.size());
                data(file, target.getChannel());
            }
            setAttributes(made, stat);
            Files.move(made, local, StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(made);
        }
        add(copied().file(stat.sizeBytes()));
    }

    private void data(DaxFile file, FileChannel target) throws IOException {
        long end = file.size();
        long at = nextData(file, 0);
        while (at < end) {
            long dataEnd = Math.min(end, file.seekHole(at));
            while (at < dataEnd) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), dataEnd - at));
                file.read(buffer, at);
                buffer.flip();
                while (buffer.hasRemaining()) {
                    int written = target.write(buffer, at);
                    at += written;
                    bytesMoved(written);
                }
            }
            at = nextData(file, at);
        }
    }

    private static long nextData(DaxFile file, long offset) throws IOException {
        try {
            return offset >= file.size() ? file.size() : file.seekData(offset);
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NO_DATA) {
                return file.size();
            }
            throw e;
        }
    }

    /** Copies a directory and all below it; {@code local} becomes its copy, or takes it in. */
    public void tree(String path, Path local) throws IOException {
        FileStat stat = volume.stat(path);
        if (!Files.isDirectory(local)) {
            Files.createDirectory(local);
        }
        add(copied().directory());
        for (DirectoryEntry entry : volume.list(path)) {
            String child = VolumePath.join(path, entry.name());
            Path target = local.resolve(entry.name());
            switch (entry.type()) {
                case DIRECTORY -> {
                    if (Files.isSymbolicLink(target)) {
                        throw new HoldfastException(ErrorCode.NOT_A_DIRECTORY, target
                                + ": is a symbolic link where a directory is to be; remove it");
                    }
                    tree(child, target);
                }
                case FILE -> file(child, target);
                case SYMLINK -> link(child, target);
                default -> throw new HoldfastException(ErrorCode.NOT_SUPPORTED, child
                        + ": is no file, directory or symbolic link and cannot be copied");
            }
        }
        setAttributes(local, stat);
    }

    private void link(String path, Path local) throws IOException {
        if (Files.exists(local, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(local,
                LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(local);
        }
        Files.createSymbolicLink(local, Path.of(volume.readSymbolicLink(path)));
        add(copied().link());
    }

    private static void setAttributes(Path local, FileStat stat) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < PERMISSIONS.length; bit++) {
            if ((stat.mode() & 0400 >> bit) != 0) {
                permissions.add(PERMISSIONS[bit]);
            }
        }
        Files.setPosixFilePermissions(local, permissions);
        Files.getFileAttributeView(local, BasicFileAttributeView.class).setTimes(
                FileTime.from(stat.modifyNanos(), TimeUnit.NANOSECONDS),
                FileTime.from(stat.accessNanos(), TimeUnit.NANOSECONDS), null);
    }
}
