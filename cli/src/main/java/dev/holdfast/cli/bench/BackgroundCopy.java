package dev.holdfast.cli.bench;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Copies a file next to the one whose faults are timed, over and over, each time to a new file.
 *
 * <ol>
 *   <li>{@link #start} writes the source and starts the thread; returns when it has begun to copy;
 *   <li>{@link #close} stops it, and throws what it failed with.
 * </ol>
 */
abstract class BackgroundCopy implements AutoCloseable {
    private static final int SOURCE_BYTES = 4 << 20;
    private static final int STEP_BYTES = 64 << 10;

    private final Thread thread =
            Thread.ofPlatform().daemon().name("bench-copy").unstarted(this::run);
    private final Object begun = new Object();
    private boolean hasBegun;
    private volatile boolean stopped;
    private volatile IOException failure;

    private BackgroundCopy() {}

    /** Starts copying in a volume; {@code name} is free there. */
    static BackgroundCopy start(Volume volume, String name) throws IOException {
        try (DaxFile source = volume.createFile(name)) {
            source.write(ByteBuffer.allocateDirect(SOURCE_BYTES), 0);
            source.fsync();
        }
        return started(new InVolume(volume, name));
    }

    /** Starts copying in a folder of the host; {@code name} is free there. */
    static BackgroundCopy start(Path folder, String name) throws IOException {
        Path source = folder.resolve(name);
        Files.write(source, new byte[SOURCE_BYTES]);
        return started(new InFolder(source));
    }

    private static BackgroundCopy started(BackgroundCopy copy) throws IOException {
        copy.thread.start();
        synchronized (copy.begun) {
            while (!copy.hasBegun) {
                try {
                    copy.begun.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted while the background copy began", e);
                }
            }
        }
        return copy;
    }

    private void run() {
        try {
            for (long pass = 0; !stopped; pass++) {
                copy(pass);
            }
        } catch (IOException e) {
            failure = e;
        } finally {
            stepped();
        }
    }

    /** Makes one copy; ends early once stopped. */
    abstract void copy(long pass) throws IOException;

    boolean isStopped() {
        return stopped;
    }

    /** Says that a part was copied. */
    void stepped() {
        synchronized (begun) {
            hasBegun = true;
            begun.notifyAll();
        }
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static final class InVolume extends BackgroundCopy {
        private final Volume volume;
        private final String name;
        private final ByteBuffer step = ByteBuffer.allocateDirect(STEP_BYTES);

        InVolume(Volume volume, String name) {
            this.volume = volume;
            this.name = name;
        }

        @Override
        void copy(long pass) throws IOException {
            String target = name + "-copy-" + pass;
            try (DaxFile from = volume.openFile(name); DaxFile to = volume.createFile(target)) {
                for (long at = 0; at < SOURCE_BYTES && !isStopped(); at += STEP_BYTES) {
                    from.read(step.clear(), at);
                    to.write(step.flip(), at);
                    stepped();
                }
            }
            volume.unlink(target);
        }

        @Override
        public void close() throws IOException {
            super.close();
            volume.unlink(name);
        }
    }

    private static final class InFolder extends BackgroundCopy {
        private final Path source;
        private final ByteBuffer step = ByteBuffer.allocateDirect(STEP_BYTES);

        InFolder(Path source) {
            this.source = source;
        }

        @Override
        void copy(long pass) throws IOException {
            Path target = source.resolveSibling(source.getFileName() + "-copy-" + pass);
            try (FileChannel from = FileChannel.open(source);
                    FileChannel to = FileChannel.open(target, StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE)) {
                for (long at = 0; at < SOURCE_BYTES && !isStopped(); at += STEP_BYTES) {
                    from.read(step.clear(), at);
                    to.write(step.flip(), at);
                    stepped();
                }
            } finally {
                Files.deleteIfExists(target);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } finally {
                Files.deleteIfExists(source);
            }
        }
    }
}
