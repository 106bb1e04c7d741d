package dev.holdfast.nio;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import dev.holdfast.fs.Inode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.Watchable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;

/**
 * Watches directories by looking at them some times a second. So it sees changes by whatever way
 * they come, and of several changes of a name between two looks their sum.
 *
 * <p>Lock rule: keys are scanned, and their events kept, under the monitor of each key.
 */
final class PollingWatchService implements WatchService, Closeable {
    private static final long PERIOD_MILLIS = 200;
    private static final int MAX_EVENTS = 512;

    private final HoldfastFileSystem fileSystem;
    private final Map<Long, Key> keys = new ConcurrentHashMap<>();
    private final LinkedBlockingDeque<Key> signalled = new LinkedBlockingDeque<>();
    private final Key closing = new Key(null, 0, Set.of());
    private final Thread scanner;
    private volatile boolean closed;

    PollingWatchService(HoldfastFileSystem fileSystem) {
        this.fileSystem = fileSystem;
        this.scanner = Thread.ofVirtual().name("holdfast-watch").start(this::scanAll);
    }

    /** What tells whether a file has changed. */
    private record Seen(long inode, long modifyNanos, long sizeBytes) {}

    /** An event. */
    private record Event(WatchEvent.Kind<Path> kind, Path context) implements WatchEvent<Path> {
        @Override
        public int count() {
            return 1;
        }
    }

    /** Says that events were lost. */
    private record Overflow() implements WatchEvent<Object> {
        @Override
        public Kind<Object> kind() {
            return StandardWatchEventKinds.OVERFLOW;
        }

        @Override
        public int count() {
            return 1;
        }

        @Override
        public Object context() {
            return null;
        }
    }

    /** The watch of one directory. */
    private final class Key implements WatchKey {
        private final HoldfastPath directory;
        private final long inode;
        private Set<WatchEvent.Kind<?>> kinds;
        private Map<String, Seen> known = new HashMap<>();
        private List<WatchEvent<?>> events = new ArrayList<>();
        private boolean waiting;
        private boolean cancelled;

        Key(HoldfastPath directory, long inode, Set<WatchEvent.Kind<?>> kinds) {
            this.directory = directory;
            this.inode = inode;
            this.kinds = kinds;
        }

        synchronized void look(boolean first) throws IOException {
            if (cancelled) {
                return;
            }
            Map<String, Seen> now = list();
            if (!first) {
                compare(now);
            }
            known = now;
        }

        private Map<String, Seen> list() throws IOException {
            Map<String, Seen> now = new HashMap<>();
            Inode at = fileSystem.tree().find(directory, true);
            if (at.number() != inode) {
                throw new NotDirectoryException(directory.toString());
            }
            long position = 0;
            var batch = fileSystem.core().namespace().list(at, position, MAX_EVENTS);
            while (!batch.isEmpty()) {
                for (DirectoryEntry entry : batch) {
                    Inode child = child(at, entry.name());
                    if (child != null) {
                        FileStat stat = fileSystem.core().attributes().stat(child);
                        now.put(entry.name(), new Seen(stat.inode(), stat.modifyNanos(),
                                stat.sizeBytes()));
                    }
                }
                position = batch.getLast().position();
                batch = fileSystem.core().namespace().list(at, position, MAX_EVENTS);
            }
            return now;
        }

        private Inode child(Inode at, String name) throws IOException {
            try {
                return fileSystem.core().namespace().lookup(at, name);
            } catch (HoldfastException removedMeanwhile) {
                return null;
            }
        }

        private void compare(Map<String, Seen> now) {
            known.forEach((name, seen) -> {
                if (!now.containsKey(name)) {
                    add(StandardWatchEventKinds.ENTRY_DELETE, name);
                }
            });
            now.forEach((name, seen) -> {
                Seen before = known.get(name);
                if (before == null) {
                    add(StandardWatchEventKinds.ENTRY_CREATE, name);
                } else if (!before.equals(seen)) {
                    add(StandardWatchEventKinds.ENTRY_MODIFY, name);
                }
            });
        }

        private void add(WatchEvent.Kind<Path> kind, String name) {
            if (!kinds.contains(kind)) {
                return;
            }
            if (events.size() < MAX_EVENTS) {
                events.add(new Event(kind, HoldfastPath.of(fileSystem, name)));
            } else if (events.size() == MAX_EVENTS) {
                events.add(new Overflow());
            }
            signal();
        }

        private void signal() {
            if (!waiting) {
                waiting = true;
                signalled.add(this);
            }
        }

        @Override
        public synchronized boolean isValid() {
            return !cancelled && !closed;
        }

        @Override
        public synchronized List<WatchEvent<?>> pollEvents() {
            List<WatchEvent<?>> result = events;
            events = new ArrayList<>();
            return result;
        }

        @Override
        public synchronized boolean reset() {
            if (!isValid()) {
                return false;
            }
            waiting = false;
            if (!events.isEmpty()) {
                signal();
            }
            return true;
        }

        @Override
        public synchronized void cancel() {
            cancelled = true;
            keys.remove(inode, this);
        }

        /** The directory is gone. */
        private synchronized void lose() {
            cancel();
            signal();
        }

        @Override
        public Watchable watchable() {
            return directory;
        }
    }

    WatchKey register(HoldfastPath directory, WatchEvent.Kind<?>[] kinds,
            WatchEvent.Modifier[] modifiers) throws IOException {
        Set<WatchEvent.Kind<?>> wanted = new HashSet<>();
        for (WatchEvent.Kind<?> kind : kinds) {
            Objects.requireNonNull(kind, "kind");
            if (kind != StandardWatchEventKinds.ENTRY_CREATE
                    && kind != StandardWatchEventKinds.ENTRY_DELETE
                    && kind != StandardWatchEventKinds.ENTRY_MODIFY
                    && kind != StandardWatchEventKinds.OVERFLOW) {
                throw new UnsupportedOperationException("watch event kind " + kind);
            }
            wanted.add(kind);
        }
        wanted.remove(StandardWatchEventKinds.OVERFLOW);
        if (wanted.isEmpty()) {
            throw new IllegalArgumentException("No events to register");
        }
        for (WatchEvent.Modifier modifier : modifiers) {
            if (!modifier.name().startsWith("SENSITIVITY")) {
                throw new UnsupportedOperationException("watch modifier " + modifier);
            }
        }
        requireOpen();
        Inode inode = fileSystem.tree().require(directory, true);
        if (inode.type() != FileType.DIRECTORY) {
            throw new NotDirectoryException(directory.toString());
        }
        Key made = new Key(directory, inode.number(), wanted);
        made.look(true);
        Key key = keys.putIfAbsent(inode.number(), made);
        if (key == null) {
            return made;
        }
        synchronized (key) {
            key.kinds = wanted;
        }
        return key;
    }

    private void scanAll() {
        try {
            while (!closed) {
                Thread.sleep(PERIOD_MILLIS);
                for (Key key : keys.values()) {
                    try {
                        key.look(false);
                    } catch (IOException gone) {
                        key.lose();
                    }
                }
            }
        } catch (InterruptedException | IllegalStateException ended) {
            // The service, or the volume, is closed.
            closed = true;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedWatchServiceException();
        }
    }

    @Override
    public WatchKey poll() {
        requireOpen();
        return checked(signalled.poll());
    }

    @Override
    public WatchKey poll(long timeout, TimeUnit unit) throws InterruptedException {
        requireOpen();
        return checked(signalled.poll(timeout, unit));
    }

    @Override
    public WatchKey take() throws InterruptedException {
        requireOpen();
        return checked(signalled.take());
    }

    /** Whoever waits when the service closes wakes the next one. */
    private WatchKey checked(Key key) {
        if (key == closing) {
            signalled.add(closing);
        }
        requireOpen();
        return key;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            scanner.interrupt();
            keys.clear();
            signalled.clear();
            signalled.add(closing);
            fileSystem.closed(this);
        }
    }
}
