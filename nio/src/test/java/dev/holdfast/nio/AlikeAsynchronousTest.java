package dev.holdfast.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What asynchronous file channels do. */
class AlikeAsynchronousTest extends Alike {
    /** What a case does with a channel to a file of ten digits. */
    private interface Use {
        Object of(AsynchronousFileChannel channel) throws Exception;
    }

    private static DynamicTest with(String name, Use use, OpenOption... options) {
        return alike(name, dir -> {
            Path file = Files.writeString(dir.resolve("file"), "0123456789");
            try (AsynchronousFileChannel channel = AsynchronousFileChannel.open(file, options)) {
                return new Object[] {use.of(channel), Files.readString(file)};
            }
        });
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    /** Completes a future with what a handler is told. */
    private static final class Told implements CompletionHandler<Integer, String> {
        private final CompletableFuture<Object> answer = new CompletableFuture<>();

        @Override
        public void completed(Integer result, String attachment) {
            answer.complete(result + attachment);
        }

        @Override
        public void failed(Throwable failure, String attachment) {
            answer.complete(failure.getClass() + attachment);
        }
    }

    @TestFactory
    Stream<DynamicTest> channels() {
        return Stream.of(
                with("read and write", channel -> each(
                        x -> channel.read(ByteBuffer.allocate(4), 8).get(),
                        x -> channel.read(ByteBuffer.allocate(4), 10).get(),
                        x -> channel.read(ByteBuffer.allocate(4), 99).get(),
                        x -> channel.read(ByteBuffer.allocate(0), 0).get(),
                        x -> channel.write(bytes("xyz"), 9).get(),
                        x -> channel.write(bytes(""), 50).get(), x -> channel.size(),
                        x -> channel.truncate(5).size(), x -> channel.truncate(50).size()).on(null),
                        READ, WRITE),
                with("handlers", channel -> {
                    Told read = new Told();
                    channel.read(ByteBuffer.allocate(4), 0, " attached", read);
                    Told wrote = new Told();
                    channel.write(bytes("ab"), 3, " attached", wrote);
                    return new Object[] {read.answer.get(), wrote.answer.get()};
                }, READ, WRITE),
                with("refused", channel -> each(
                        x -> channel.read(ByteBuffer.allocate(1), -1),
                        x -> channel.write(bytes("a"), -1),
                        x -> channel.read(ByteBuffer.allocate(1).asReadOnlyBuffer(), 0),
                        x -> channel.read(null, 0), x -> channel.write(null, 0),
                        x -> channel.truncate(-1), x -> channel.tryLock(-1, 1, false),
                        x -> channel.lock(0, -1, false)).on(null), READ, WRITE),
                with("for reading only", channel -> each(x -> channel.write(bytes("a"), 0),
                        x -> channel.truncate(0), x -> channel.tryLock(),
                        x -> channel.tryLock(0, 1, true).isShared()).on(null), READ),
                with("for writing only", channel -> each(
                        x -> channel.read(ByteBuffer.allocate(1), 0),
                        x -> channel.tryLock(0, 1, true), x -> channel.tryLock().isShared())
                        .on(null), WRITE),
                with("closed", channel -> {
                    channel.close();
                    channel.close();
                    return each(x -> channel.read(ByteBuffer.allocate(1), 0).get(),
                            x -> channel.write(bytes("a"), 0).get(), x -> channel.size(),
                            // The default's is a subclass here, and here only.
                            x -> thrownBy(y -> channel.truncate(0), null)
                                    instanceof ClosedChannelException,
                            x -> channel.tryLock(), x -> channel.lock().get(), x -> {
                                channel.force(true);
                                return null;
                            }, x -> {
                                Told told = new Told();
                                channel.read(ByteBuffer.allocate(1), 0, " attached", told);
                                return told.answer.get();
                            }).on(null);
                }, READ, WRITE),
                with("locks", channel -> {
                    FileLock lock = channel.lock(2, 3, false).get();
                    return each(x -> channel.tryLock(4, 1, true), x -> channel.lock(0, 3, true),
                            x -> channel.tryLock(5, 1, true).isValid(),
                            x -> lock.acquiredBy() == channel, x -> lock.channel(),
                            x -> {
                                lock.release();
                                return lock.isValid();
                            }, x -> channel.tryLock(2, 3, true).isShared()).on(null);
                }, READ, WRITE),
                alike("opening", each(
                        dir -> AsynchronousFileChannel.open(dir.resolve("no"), READ),
                        dir -> AsynchronousFileChannel.open(dir.resolve("a"), WRITE, APPEND),
                        dir -> AsynchronousFileChannel.open(dir.resolve("a"), WRITE,
                        CREATE_NEW).isOpen(),
                        dir -> AsynchronousFileChannel.open(dir.resolve("a"), WRITE, CREATE_NEW))));
    }
}
