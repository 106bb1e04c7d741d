package dev.holdfast.nio;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * A volume as a file system.
 *
 * <ol>
 * <li>Made by the provider around an open volume.
 * <li>Used, by any number of threads; what they open is noted.
 * <li>{@link #close} closes all of that, has unreachable mapped buffers unmapped, and then closes
 *     the volume, if it was opened for this file system. While memory of a mapping is in use the
 *     volume cannot be closed, and this stays open with it.
 * </ol>
 */
final class HoldfastFileSystem extends FileSystem {
    private static final AtomicLong VOLUME_IDS = new AtomicLong(1);

    private final HoldfastFileSystemProvider provider;
    private final Volume volume;
    private final dev.holdfast.fs.FileSystem core;
    private final boolean ownsVolume;
    private final String key;
    private final long volumeId = VOLUME_IDS.getAndIncrement();
    private final LockTable locks = new LockTable();
    private final TreeView tree = new TreeView(this, null, () -> { });
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * Makes the file system of a volume.
     *
     * @param key what stands for the volume in URIs, a path
     * @param ownsVolume whether closing the one closes the other
     */
    HoldfastFileSystem(HoldfastFileSystemProvider provider, Volume volume, String key,
            boolean ownsVolume) {
        this.provider = provider;
        this.volume = volume;
        this.core = VolumeLab.fileSystem(volume);
        this.key = key;
        this.ownsVolume = ownsVolume;
    }

    /** Returns the file system of the core. */
    dev.holdfast.fs.FileSystem core() {
        if (closed || core.isClosed()) {
            throw new ClosedFileSystemException();
        }
        return core;
    }

    Volume volume() {
        return volume;
    }

    String key() {
        return key;
    }

    /** Tells volumes apart, in this process. */
    long volumeId() {
        return volumeId;
    }

    LockTable locks() {
        return locks;
    }

    /** Returns the files as seen from the root. */
    TreeView tree() {
        core();
        return tree;
    }

    /** Notes what is to be closed with this. */
    void opened(Closeable closeable) {
        open.add(closeable);
        if (closed) {
            throw new ClosedFileSystemException();
        }
    }

    /** Forgets what has been closed. */
    void closed(Closeable closeable) {
        open.remove(closeable);
    }

    @Override
    public HoldfastFileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            for (Closeable closeable : open) {
                closeable.close();
            }
            MappedMemory.collect(core);
            if (ownsVolume) {
                volume.close();
            }
            closed = true;
        }
        provider.closed(this);
    }

    @Override
    public boolean isOpen() {
        return !closed && !core.isClosed();
    }

    @Override
    public boolean isReadOnly() {
        return core.isReadOnly();
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(HoldfastPath.of(this, "/"));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of(new HoldfastFileStore(this));
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return AttributeNames.VIEWS;
    }

    @Override
    public HoldfastPath getPath(String first, String... more) {
        StringBuilder text = new StringBuilder(first);
        for (String part : more) {
            if (!part.isEmpty()) {
                text.append(text.isEmpty() ? "" : "/").append(part);
            }
        }
        return HoldfastPath.of(this, text.toString());
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        int colon = syntaxAndPattern.indexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException(syntaxAndPattern + " is not SYNTAX:PATTERN");
        }
        String syntax = syntaxAndPattern.substring(0, colon);
        String text = syntaxAndPattern.substring(colon + 1);
        Pattern pattern;
        if (syntax.equalsIgnoreCase("glob")) {
            pattern = Pattern.compile(Glob.toRegex(text), Pattern.DOTALL);
        } else if (syntax.equalsIgnoreCase("regex")) {
            pattern = Pattern.compile(text);
        } else {
            throw new UnsupportedOperationException("Syntax '" + syntax + "' not recognized");
        }
        return path -> pattern.matcher(path.toString()).matches();
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        return Owners.INSTANCE;
    }

    @Override
    public WatchService newWatchService() {
        PollingWatchService service = new PollingWatchService(this);
        opened(service);
        return service;
    }

    URI uriOf(String absolutePath) {
        try {
            return new URI(HoldfastFileSystemProvider.SCHEME, "", key + "!" + absolutePath, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("no URI for " + absolutePath, e);
        }
    }

    @Override
    public String toString() {
        return key;
    }
}
