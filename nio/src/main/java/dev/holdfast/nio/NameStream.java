package dev.holdfast.nio;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;

/**
 * The names of one directory, read by and by, in an order that stays while names come and go.
 * Operations on relative paths begin at this very directory, wherever it is moved meanwhile.
 */
final class NameStream implements SecureDirectoryStream<Path> {
    private static final int BATCH = 256;

    private final HoldfastFileSystem fileSystem;
    private final HoldfastPath path;
    private final Inode directory;
    private final TreeView tree;
    private final DirectoryStream.Filter<? super Path> filter;
    private boolean iterated;
    private boolean closed;

    /** Takes over a hold of the directory. */
    NameStream(HoldfastFileSystem fileSystem, HoldfastPath path, Inode directory,
            DirectoryStream.Filter<? super Path> filter) {
        this.fileSystem = fileSystem;
        this.path = path;
        this.directory = directory;
        this.tree = new TreeView(fileSystem, directory, this::requireOpen);
        this.filter = filter;
    }

    /**
     * Opens a stream of a directory that {@code tree} knows by {@code lookup}, and calls
     * {@code shown}.
     */
    static NameStream open(HoldfastFileSystem fileSystem, TreeView tree, HoldfastPath lookup,
            HoldfastPath shown, boolean follow, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        Inode directory = tree.requireDirectory(lookup, follow);
        Errors.naming(lookup, () -> {
            fileSystem.core().hold(directory);
            return null;
        });
        NameStream stream = new NameStream(fileSystem, shown, directory, filter);
        fileSystem.opened(stream);
        return stream;
    }

    @Override
    public synchronized Iterator<Path> iterator() {
        if (closed) {
            throw new IllegalStateException("the directory stream is closed");
        }
        if (iterated) {
            throw new IllegalStateException("a directory stream has one iterator only");
        }
        iterated = true;
        return new Names();
    }

    /** Walks the directory batch by batch. */
    private final class Names implements Iterator<Path> {
        private List<DirectoryEntry> batch = List.of();
        private int index;
        private long position;
        private boolean ended;
        private Path next;

        @Override
        public boolean hasNext() {
            synchronized (NameStream.this) {
                while (next == null && !ended && !closed) {
                    find();
                }
                return next != null;
            }
        }

        private void find() {
            try {
                if (index == batch.size()) {
                    batch = fileSystem.core().namespace().list(directory, position, BATCH);
                    index = 0;
                    ended = batch.isEmpty();
                    return;
                }
                DirectoryEntry entry = batch.get(index++);
                position = entry.position();
                Path candidate = path.resolve(entry.name());
                if (filter.accept(candidate)) {
                    next = candidate;
                }
            } catch (HoldfastException e) {
                throw new DirectoryIteratorException(Errors.translate(e, path, null));
            } catch (IOException e) {
                throw new DirectoryIteratorException(e);
            }
        }

        @Override
        public Path next() {
            synchronized (NameStream.this) {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Path result = next;
                next = null;
                return result;
            }
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        fileSystem.closed(this);
        if (fileSystem.isOpen()) {
            fileSystem.core().release(directory);
        }
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new ClosedDirectoryStreamException();
        }
    }

    private static boolean follows(LinkOption[] options) {
        return !Set.of(options).contains(LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public SecureDirectoryStream<Path> newDirectoryStream(Path child, LinkOption... options)
            throws IOException {
        requireOpen();
        HoldfastPath ours = HoldfastPath.require(child);
        boolean follow = follows(options);
        if (!follow && tree.require(ours, false).type() == FileType.SYMLINK) {
            throw new NotDirectoryException(child.toString());
        }
        return open(fileSystem, tree, ours, path.resolve(ours), follow, entry -> true);
    }

    @Override
    public SeekableByteChannel newByteChannel(Path child, Set<? extends OpenOption> options,
            FileAttribute<?>... attributes) throws IOException {
        requireOpen();
        return tree.open(HoldfastPath.require(child), OpenFlags.of(options),
                Permissions.ofNew(0666, attributes));
    }

    @Override
    public void deleteFile(Path child) throws IOException {
        requireOpen();
        tree.delete(HoldfastPath.require(child), false);
    }

    @Override
    public void deleteDirectory(Path child) throws IOException {
        requireOpen();
        tree.delete(HoldfastPath.require(child), true);
    }

    @Override
    public void move(Path source, SecureDirectoryStream<Path> targetDirectory, Path target)
            throws IOException {
        requireOpen();
        if (!(Objects.requireNonNull(targetDirectory) instanceof NameStream other)
                || other.fileSystem != fileSystem) {
            throw new ProviderMismatchException("a directory of another volume");
        }
        other.requireOpen();
        tree.rename(HoldfastPath.require(source), other.tree, HoldfastPath.require(target),
                RenameMode.REPLACE);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Class<V> type) {
        return view(type, HoldfastPath.of(fileSystem, ""), true);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path child, Class<V> type,
            LinkOption... options) {
        return view(type, HoldfastPath.require(child), follows(options));
    }

    private <V extends FileAttributeView> V view(Class<V> type, HoldfastPath child,
            boolean follow) {
        return view(tree, type, child, follow);
    }

    /** Returns the view of a type of what a path leads to, or null if there is none. */
    static <V extends FileAttributeView> V view(TreeView tree, Class<V> type, Path path,
            boolean follow) {
        Objects.requireNonNull(type, "type");
        if (type == BasicFileAttributeView.class) {
            return type.cast(tree.view("basic", path, follow));
        }
        if (type == PosixFileAttributeView.class) {
            return type.cast(tree.view("posix", path, follow));
        }
        if (type == FileOwnerAttributeView.class) {
            return type.cast(tree.view("owner", path, follow));
        }
        if (type == UserDefinedFileAttributeView.class) {
            return type.cast(tree.userView(path, follow));
        }
        return null;
    }
}
