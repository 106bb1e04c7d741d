package dev.holdfast.cli.copy;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Copies from the host into a volume, with modes, owners and times; hard links become files of
 * their own, and symbolic links keep their target but not their times.
 *
 * <p>A file that is there is replaced at once, when the new content is whole: its old content or
 * its new one is found after a crash. Nothing is durable before the caller syncs the volume.
 */
public final class CopyIn extends Copier {
    private static final String TEMPORARY = ".holdfast-put.";

    /** Prepares copies into {@code volume}; {@code progress} is told the bytes copied so far. */
    public CopyIn(Volume volume, LongConsumer progress) {
        super(volume, progress);
    }

    /** Returns the bytes of the regular files in a tree. */
    public static long bytesIn(Path tree) throws IOException {
        long[] sum = new long[1];
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.isRegularFile() ? attributes.size() : 0;
                return FileVisitResult.CONTINUE;
            }
        });
        return sum[0];
    }

    /** Copies a file to {@code target}, following a link that {@code local} may be. */
    public void file(Path local, String target) throws IOException {
        AttributeChange change = changeTo(Files.readAttributes(local, "unix:*"));
        try (ReadableByteChannel in = Files.newByteChannel(local)) {
            replace(in, target, change);
        }
    }

    /** Copies all of a stream to the file {@code target}. */
    public void stream(InputStream in, String target) throws IOException {
        replace(Channels.newChannel(in), target, new AttributeChange());
    }

    private void replace(ReadableByteChannel in, String target, AttributeChange change)
            throws IOException {
        if (!volume.exists(target)) {
            make(in, target, change);
            return;
        }
        if (volume.statLink(target).type() == FileType.DIRECTORY) {
            throw new HoldfastException(ErrorCode.IS_A_DIRECTORY, target
                    + ": is a directory; a file cannot take its place");
        }
        String made = VolumePath.join(VolumePath.parent(target),
                TEMPORARY + Long.toHexString(System.nanoTime()));
        make(in, made, change);
        volume.rename(made, target, RenameMode.REPLACE);
    }

    /** Makes a file, whole or not at all. */
    private void make(ReadableByteChannel in, String target, AttributeChange change)
            throws IOException {
        try (DaxFile file = volume.createFile(target)) {
            long bytes = fill(file, in);
            volume.setAttributes(target, change);
            add(copied().file(bytes));
        } catch (IOException e) {
            if (!(e instanceof HoldfastException known && known.code() == ErrorCode.EXISTS)) {
                discard(target, e);
            }
            throw e;
        }
    }

    private void discard(String halfMade, IOException failure) {
        try {
            if (volume.exists(halfMade)) {
                volume.unlink(halfMade);
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private long fill(DaxFile file, ReadableByteChannel in) throws IOException {
        long at = 0;
        while (true) {
            buffer.clear();
            int read = 0;
            while (buffer.hasRemaining() && read >= 0) {
                read = in.read(buffer);
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                int written = file.write(buffer, at);
                at += written;
                bytesMoved(written);
            }
            if (read < 0) {
                return at;
            }
        }
    }

    /** Copies a directory and all below it; {@code target} becomes its copy, or takes it in. */
    public void tree(Path local, String target) throws IOException {
        Path root = local.toRealPath();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes basic)
                    throws IOException {
                String made = placeOf(directory);
                if (!volume.exists(made)) {
                    volume.createDirectory(made);
                } else if (volume.stat(made).type() != FileType.DIRECTORY) {
                    throw new HoldfastException(ErrorCode.NOT_A_DIRECTORY, made
                            + ": is there and is not a directory; remove it first");
                }
                add(copied().directory());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes basic)
                    throws IOException {
                if (basic.isSymbolicLink()) {
                    link(file, placeOf(file));
                } else if (basic.isRegularFile()) {
                    file(file, placeOf(file));
                } else {
                    throw new HoldfastException(ErrorCode.NOT_SUPPORTED, file
                            + ": is no file, directory or symbolic link; leave it out");
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                volume.setAttributes(placeOf(directory), changeTo(Files.readAttributes(directory,
                        "unix:*", LinkOption.NOFOLLOW_LINKS)));
                return FileVisitResult.CONTINUE;
            }

            private String placeOf(Path inside) {
                String relative = root.relativize(inside).toString();
                return relative.isEmpty() ? target : VolumePath.join(target, relative);
            }
        });
    }

    private void link(Path local, String target) throws IOException {
        if (volume.exists(target)) {
            volume.unlink(target);
        }
        volume.createSymbolicLink(target, Files.readSymbolicLink(local).toString());
        add(copied().link());
    }

    private static AttributeChange changeTo(Map<String, Object> attributes) {
        return new AttributeChange()
                .mode((int) attributes.get("mode") & MODE_BITS)
                .uid((int) attributes.get("uid"))
                .gid((int) attributes.get("gid"))
                .accessNanos(((FileTime) attributes.get("lastAccessTime")).to(TimeUnit.NANOSECONDS))
                .modifyNanos(
                        ((FileTime) attributes.get("lastModifiedTime")).to(TimeUnit.NANOSECONDS));
    }
}
