package dev.holdfast.nio;

import dev.holdfast.CommitPolicy;
import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.CreateOptions;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The provider of the scheme {@code holdfast}: each volume is a file system.
 *
 * <p>A volume's URI is {@code holdfast:///path/of/the/volume}, and a file's is that, {@code !}, and
 * its path in the volume. Options of {@code newFileSystem}, all of them optional:
 *
 * <table>
 * <caption>Options</caption>
 * <tr><td>{@code create}</td><td>a number: makes a volume of so many bytes</td></tr>
 * <tr><td>{@code readOnly}</td><td>{@code true}: opens it for reading only</td></tr>
 * <tr><td>{@code commitPolicy}</td><td>{@code "lazy"}, the default, or {@code "always"}</td></tr>
 * </table>
 *
 * <p>Thread-safe. See {@code docs/nio.md} for what differs from the default provider, deliberately.
 */
public final class HoldfastFileSystemProvider extends FileSystemProvider {
    /** The scheme of the provider's URIs. */
    public static final String SCHEME = "holdfast";

    private static final AtomicLong UNNAMED = new AtomicLong();

    private final Map<String, HoldfastFileSystem> byKey = new ConcurrentHashMap<>();

    /**
     * For the service loader; programs use the one it made, through
     * {@link java.nio.file.FileSystems}.
     */
    public HoldfastFileSystemProvider() {}

    @Override
    public String getScheme() {
        return SCHEME;
    }

    // ---- file systems

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) throws IOException {
        String volume = volumeOf(uri);
        if (byKey.containsKey(volume)) {
            throw new FileSystemAlreadyExistsException(volume);
        }
        return open(Path.of(volume), environment);
    }

    /**
     * Opens the volume in a file.
     *
     * @throws UnsupportedOperationException when the file holds no volume: another provider may
     *     know it
     */
    @Override
    public FileSystem newFileSystem(Path path, Map<String, ?> environment) throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new UnsupportedOperationException("a volume must be a file of the system: "
                    + path);
        }
        try {
            return open(path, environment);
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.INVALID) {
                throw new UnsupportedOperationException(e.getMessage(), e);
            }
            throw e;
        }
    }

    private FileSystem open(Path path, Map<String, ?> environment) throws IOException {
        VolumeOptions options = VolumeOptions.defaults();
        if (Boolean.parseBoolean(String.valueOf(environment.get("readOnly")))) {
            options = options.readOnly();
        }
        Object policy = environment.get("commitPolicy");
        if (policy != null) {
            options = options.commitPolicy(
                    CommitPolicy.valueOf(policy.toString().toUpperCase(Locale.ROOT)));
        }
        Object size = environment.get("create");
        Volume volume = size == null ? Volume.open(path, options) : Volume.create(path,
                Long.parseLong(size.toString()), CreateOptions.defaults(), options);
        HoldfastFileSystem made = new HoldfastFileSystem(this, volume,
                path.toRealPath().toString(), true);
        byKey.put(made.key(), made);
        return made;
    }

    /** Makes the file system of a volume that somebody else opened, and closes. */
    FileSystem of(Volume volume) {
        HoldfastFileSystem made = new HoldfastFileSystem(this, volume,
                "/.volume/" + UNNAMED.incrementAndGet(), false);
        byKey.put(made.key(), made);
        return made;
    }

    void closed(HoldfastFileSystem fileSystem) {
        byKey.remove(fileSystem.key(), fileSystem);
    }

    private static String volumeOf(URI uri) throws IOException {
        String path = checked(uri);
        int mark = path.indexOf('!');
        String volume = mark < 0 ? path : path.substring(0, mark);
        Path file = Path.of(volume);
        return Files.exists(file) ? file.toRealPath().toString() : volume;
    }

    private static String checked(URI uri) {
        if (!SCHEME.equalsIgnoreCase(uri.getScheme()) || uri.getPath() == null
                || uri.getPath().isEmpty()) {
            throw new IllegalArgumentException(
                    uri + " is not holdfast:///PATH-OF-VOLUME or holdfast:///PATH-OF-VOLUME!/PATH");
        }
        return uri.getPath();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        String volume;
        try {
            volume = volumeOf(uri);
        } catch (IOException e) {
            volume = checked(uri);
        }
        HoldfastFileSystem found = byKey.get(volume);
        if (found == null || !found.isOpen()) {
            throw new FileSystemNotFoundException(volume + " is not open");
        }
        return found;
    }

    @Override
    public Path getPath(URI uri) {
        int mark = checked(uri).indexOf('!');
        if (mark < 0) {
            throw new IllegalArgumentException(uri + " has no !/PATH within the volume");
        }
        return getFileSystem(uri).getPath(uri.getPath().substring(mark + 1));
    }

    private static HoldfastPath ours(Path path) {
        return HoldfastPath.require(path);
    }

    private static TreeView tree(Path path) {
        return ours(path).getFileSystem().tree();
    }

    private static boolean follows(LinkOption... options) {
        return !Arrays.asList(options).contains(LinkOption.NOFOLLOW_LINKS);
    }

    // ---- channels

    @Override
    public SeekableByteChannel newByteChannel(Path path, Set<? extends OpenOption> options,
            FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options,
            FileAttribute<?>... attributes) throws IOException {
        return tree(path).open(ours(path), OpenFlags.of(options),
                Permissions.ofNew(0666, attributes));
    }

    @Override
    public AsynchronousFileChannel newAsynchronousFileChannel(Path path,
            Set<? extends OpenOption> options, ExecutorService executor,
            FileAttribute<?>... attributes) throws IOException {
        OpenFlags flags = OpenFlags.of(options);
        if (flags.append()) {
            throw new UnsupportedOperationException("APPEND not allowed");
        }
        HoldfastFileChannel channel =
                (HoldfastFileChannel) newFileChannel(path, options, attributes);
        return new HoldfastAsynchronousFileChannel(ours(path).getFileSystem(), channel,
                channel.inodeNumber(), flags, executor);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory,
            DirectoryStream.Filter<? super Path> filter) throws IOException {
        Objects.requireNonNull(filter, "filter");
        HoldfastPath path = ours(directory);
        return NameStream.open(path.getFileSystem(), tree(path), path, path, true, filter);
    }

    // ---- names

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        tree(directory).createDirectory(ours(directory), Permissions.ofNew(0777, attributes));
    }

    @Override
    public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes)
            throws IOException {
        if (attributes.length > 0) {
            throw new UnsupportedOperationException(
                    "Initial file attributes not supported when creating symbolic link");
        }
        tree(link).createSymbolicLink(ours(link), ours(target));
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        if (ours(link).getFileSystem() != ours(existing).getFileSystem()) {
            throw new FileSystemException(link.toString(), existing.toString(),
                    "Invalid cross-device link");
        }
        tree(link).createLink(ours(link), ours(existing));
    }

    @Override
    public Path readSymbolicLink(Path link) throws IOException {
        return HoldfastPath.of(ours(link).getFileSystem(), tree(link).readLink(ours(link)));
    }

    @Override
    public void delete(Path path) throws IOException {
        tree(path).delete(ours(path));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        new Copier(ours(source), ours(target)).copy(options);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        new Copier(ours(source), ours(target)).move(options);
    }

    // ---- attributes

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        if (ours(path).equals(other)) {
            return true;
        }
        if (!(other instanceof HoldfastPath second)
                || second.getFileSystem() != ours(path).getFileSystem()) {
            return false;
        }
        return tree(path).require(ours(path), true) == tree(second).require(second, true);
    }

    @Override
    public boolean isHidden(Path path) {
        HoldfastPath name = ours(path).getFileName();
        return name != null && name.toString().startsWith(".");
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        tree(path).require(ours(path), true);
        return new HoldfastFileStore(ours(path).getFileSystem());
    }

    /**
     * Checks that a file is there. Its mode decides over execution alone: one process owns the
     * volume.
     */
    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        Inode inode;
        try {
            inode = tree(path).find(ours(path), true);
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NOT_A_DIRECTORY) {
                // What lies below a file does not exist: so the default provider says, here.
                throw new NoSuchFileException(path.toString());
            }
            throw Errors.translate(e, path, null);
        }
        for (AccessMode mode : modes) {
            if (mode == AccessMode.WRITE && ours(path).getFileSystem().isReadOnly()) {
                throw new FileSystemException(path.toString(), null, "Read-only file system");
            }
            if (mode == AccessMode.EXECUTE && inode.type() != FileType.DIRECTORY
                    && (attributes(path, true).stat().mode() & 0111) == 0) {
                throw new AccessDeniedException(path.toString());
            }
        }
    }

    private static HoldfastAttributes attributes(Path path, boolean follow) throws IOException {
        return tree(path).view("posix", path, follow).readAttributes();
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type,
            LinkOption... options) {
        return NameStream.view(tree(path), type, path, follows(options));
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type,
            LinkOption... options) throws IOException {
        Objects.requireNonNull(type, "type");
        if (type != BasicFileAttributes.class && type != PosixFileAttributes.class) {
            throw new UnsupportedOperationException("attributes of " + type);
        }
        return type.cast(attributes(path, follows(options)));
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
            throws IOException {
        boolean follow = follows(options);
        return AttributeNames.read(attributes, tree(path).view("unix", path, follow),
                tree(path).userView(path, follow));
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
            throws IOException {
        boolean follow = follows(options);
        AttributeNames.set(attribute, value, tree(path).view("unix", path, follow),
                tree(path).userView(path, follow));
    }
}
