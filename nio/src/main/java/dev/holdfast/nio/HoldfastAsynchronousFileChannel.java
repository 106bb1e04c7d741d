package dev.holdfast.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A channel whose operations run elsewhere: an ordinary channel, and an executor, of the caller or
 * with a virtual thread an operation. Plain, since no operation on a volume waits for long.
 */
final class HoldfastAsynchronousFileChannel extends AsynchronousFileChannel {
    private static final class Shared {
        private static final ExecutorService EXECUTOR =
                Executors.newVirtualThreadPerTaskExecutor();
    }

    private final HoldfastFileSystem fileSystem;
    private final FileChannel channel;
    private final long inode;
    private final OpenFlags flags;
    private final ExecutorService executor;

    HoldfastAsynchronousFileChannel(HoldfastFileSystem fileSystem, FileChannel channel, long inode,
            OpenFlags flags, ExecutorService executor) {
        this.fileSystem = fileSystem;
        this.channel = channel;
        this.inode = inode;
        this.flags = flags;
        this.executor = executor == null ? Shared.EXECUTOR : executor;
    }

    private interface Operation<V> {
        V run() throws IOException;
    }

    private <V> Future<V> start(Operation<V> operation) {
        CompletableFuture<V> future = new CompletableFuture<>();
        if (!isOpen()) {
            future.completeExceptionally(new ClosedChannelException());
            return future;
        }
        executor.execute(() -> {
            try {
                future.complete(operation.run());
            } catch (IOException | RuntimeException | Error e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    private <V, A> void start(Operation<V> operation, A attachment,
            CompletionHandler<V, ? super A> handler) {
        Objects.requireNonNull(handler, "handler");
        boolean open = isOpen();
        executor.execute(() -> {
            V result;
            try {
                if (!open) {
                    throw new ClosedChannelException();
                }
                result = operation.run();
            } catch (IOException | RuntimeException | Error e) {
                handler.failed(e, attachment);
                return;
            }
            handler.completed(result, attachment);
        });
    }

    private Operation<Integer> reading(ByteBuffer target, long position) {
        if (position < 0) {
            throw new IllegalArgumentException("Negative position");
        }
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("Read-only buffer");
        }
        if (!flags.read()) {
            throw new NonReadableChannelException();
        }
        return () -> channel.read(target, position);
    }

    private Operation<Integer> writing(ByteBuffer source, long position) {
        Objects.requireNonNull(source);
        if (position < 0) {
            throw new IllegalArgumentException("Negative position");
        }
        if (!flags.write()) {
            throw new NonWritableChannelException();
        }
        return () -> channel.write(source, position);
    }

    @Override
    public <A> void read(ByteBuffer target, long position, A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        start(reading(target, position), attachment, handler);
    }

    @Override
    public Future<Integer> read(ByteBuffer target, long position) {
        return start(reading(target, position));
    }

    @Override
    public <A> void write(ByteBuffer source, long position, A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        start(writing(source, position), attachment, handler);
    }

    @Override
    public Future<Integer> write(ByteBuffer source, long position) {
        return start(writing(source, position));
    }

    @Override
    public <A> void lock(long position, long size, boolean shared, A attachment,
            CompletionHandler<FileLock, ? super A> handler) {
        Objects.requireNonNull(handler, "handler");
        FileLock lock = isOpen() ? acquire(position, size, shared) : null;
        start(() -> lock, attachment, handler);
    }

    @Override
    public Future<FileLock> lock(long position, long size, boolean shared) {
        FileLock lock = isOpen() ? acquire(position, size, shared) : null;
        return start(() -> lock);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        return acquire(position, size, shared);
    }

    private FileLock acquire(long position, long size, boolean shared) {
        if (shared && !flags.read()) {
            throw new NonReadableChannelException();
        }
        if (!shared && !flags.write()) {
            throw new NonWritableChannelException();
        }
        return fileSystem.locks().lock(this, inode, position, size, shared);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public AsynchronousFileChannel truncate(long size) throws IOException {
        channel.truncate(size);
        return this;
    }

    @Override
    public void force(boolean metaData) throws IOException {
        channel.force(metaData);
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        fileSystem.locks().releaseAll(inode, this);
        channel.close();
    }
}
