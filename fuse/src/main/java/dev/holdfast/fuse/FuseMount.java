package dev.holdfast.fuse;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.fs.FileSystem;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A mount of a volume that this process has open: any program uses it as a directory. A service
 * beside the volume's other users in this process, not a second opener.
 *
 * <ol>
 * <li>{@link #mount} returns when the kernel has agreed on the protocol: the directory can be used;
 * <li>workers answer requests;
 * <li>{@link #close}, or an unmount from outside, which {@link #awaitUnmount} waits for;
 * <li>after {@link #close} no request touches the volume any more, and it can be closed.
 * </ol>
 *
 * <p>Durability: what fsync, fdatasync and O_SYNC promise. Sync mappings are not to be had through
 * a mount: the kernel's page cache stands between. Thread-safe.
 */
public final class FuseMount implements AutoCloseable {
    private static final int START_SECONDS = 30;
    private static final int JOIN_MILLIS = 2_000;
    private static final long DRAIN_NANOS = 100_000;

    private final Path directory;
    private final DeviceChannel channel;
    private final Session session;
    private final Arena arena = Arena.ofShared();
    private final List<Worker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch ended;
    private boolean isClosed;

    private FuseMount(FileSystem fs, Path directory, DeviceChannel channel, FuseOptions options)
            throws IOException {
        this.directory = directory;
        this.channel = channel;
        this.session = new Session(fs, options, channel);
        this.ended = new CountDownLatch(options.workerCount());
        Dispatcher dispatcher = new Dispatcher(session);
        MemorySegment volume = fs.device().memory();
        MemorySegment zeroes = arena.allocate(Session.MAX_IO_BYTES, 4096);
        for (int i = 0; i < options.workerCount(); i++) {
            Worker worker = new Worker(channel, dispatcher, volume, zeroes);
            workers.add(worker);
            threads.add(Thread.ofPlatform().daemon().name("holdfast-fuse-" + i)
                    .unstarted(() -> run(worker)));
        }
    }

    private void run(Worker worker) {
        try {
            worker.run();
        } finally {
            ended.countDown();
        }
    }

    /**
     * Mounts a volume at a directory.
     *
     * @throws HoldfastException NOT_A_DIRECTORY; NOT_SUPPORTED without {@code /dev/fuse};
     *     ACCESS_DENIED
     */
    public static FuseMount mount(Volume volume, Path directory, FuseOptions options)
            throws IOException {
        FileSystem fs = VolumeLab.fileSystem(volume);
        if (!fs.device().memory().isNative()) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED,
                    fs.device().name() + " is not memory that the kernel can read");
        }
        Path at = directory.toAbsolutePath().normalize();
        DeviceChannel channel = Mounter.mount(
                at, options.sourceOr(fs.device().name()), options, fs.isReadOnly());
        FuseMount mount = null;
        try {
            mount = new FuseMount(fs, at, channel, options);
            mount.start();
            return mount;
        } catch (IOException | RuntimeException e) {
            if (mount == null) {
                Mounter.unmount(at, true);
                channel.close();
            } else {
                mount.close();
            }
            throw e;
        }
    }

    private void start() throws IOException {
        threads.forEach(Thread::start);
        try {
            if (!session.started().await(START_SECONDS, TimeUnit.SECONDS)) {
                throw new HoldfastException(ErrorCode.IO_ERROR, "the kernel did not begin to use "
                        + directory + " within " + START_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HoldfastException(ErrorCode.INTERRUPTED, "interrupted while mounting", e);
        }
    }

    /** Returns where the volume is mounted. */
    public Path directory() {
        return directory;
    }

    /** Waits until somebody has unmounted the directory and nobody uses it any more. */
    public void awaitUnmount() throws InterruptedException {
        ended.await();
    }

    /**
     * Unmounts, lazily where programs still use the mount, and serves no request from then on: such
     * programs get errors. Does not close the volume. Idempotent.
     */
    @Override
    public synchronized void close() throws IOException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        boolean isGone = ended.getCount() == 0;
        try {
            if (!isGone) {
                unmount();
            }
        } finally {
            endWorkers();
        }
    }

    private void unmount() throws IOException {
        try {
            Mounter.unmount(directory, false);
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.BUSY) {
                throw e;
            }
            Mounter.unmount(directory, true);
        }
    }

    /** Workers stay, and refuse, while programs keep the mount; the process may end meanwhile. */
    private void endWorkers() {
        boolean allEnded = false;
        try {
            allEnded = ended.await(JOIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        session.refuse();
        for (Worker worker : workers) {
            while (worker.isServing()) {
                LockSupport.parkNanos(DRAIN_NANOS);
            }
        }
        session.letGo();
        if (allEnded) {
            channel.close();
            arena.close();
        }
    }
}
