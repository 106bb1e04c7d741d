package dev.holdfast.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What file channels do. */
class AlikeChannelTest extends Alike {
    /** What a case does with a channel to a file of ten digits. */
    private interface Use {
        Object of(FileChannel channel, Path file) throws Exception;
    }

    private static DynamicTest with(String name, Use use, OpenOption... options) {
        return alike(name, dir -> {
            Path file = Files.writeString(dir.resolve("file"), "0123456789");
            FileChannel channel = FileChannel.open(file, options);
            try (channel) {
                Object result = use.of(channel, file);
                return new Object[] {result, channel.isOpen() ? channel.position() : "closed",
                    Files.readString(file)};
            }
        });
    }

    private static DynamicTest both(String name, Use use) {
        return with(name, use, READ, WRITE);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    /** Returns what each call throws, or returns. */
    private static Object tried(Call... calls) throws Exception {
        return each(calls).on(null);
    }

    @TestFactory
    Stream<DynamicTest> reading() {
        return Stream.of(
                both("past the end", (channel, file) -> tried(
                        x -> channel.read(ByteBuffer.allocate(5), 10),
                        x -> channel.read(ByteBuffer.allocate(5), 11),
                        x -> thrownBy(y -> channel.read(ByteBuffer.allocate(5), Long.MAX_VALUE),
                        null)
                                instanceof IOException,
                        x -> channel.read(ByteBuffer.allocate(0), 50),
                        x -> channel.position(100).read(ByteBuffer.allocate(5)),
                        x -> channel.read(ByteBuffer.allocate(0)),
                        x -> channel.read(new ByteBuffer[] {ByteBuffer.allocate(1)}))),
                both("into buffers of any kind", (channel, file) -> {
                    ByteBuffer slice = ByteBuffer.allocate(20).position(7).limit(9).slice();
                    ByteBuffer direct = ByteBuffer.allocateDirect(20).position(3).limit(6);
                    channel.read(slice);
                    channel.read(direct);
                    return new Object[] {slice.array()[7], slice.position(), direct.get(5),
                        direct.position()};
                }),
                both("scattered, in part", (channel, file) -> {
                    ByteBuffer[] targets = {ByteBuffer.allocate(3), ByteBuffer.allocate(0),
                        ByteBuffer.allocate(4), ByteBuffer.allocate(9)};
                    long read = channel.read(targets, 1, 2);
                    return new Object[] {read, targets[2].array(), channel.read(targets)};
                }),
                both("scattered, refused", (channel, file) -> tried(
                        x -> channel.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 2),
                        x -> channel.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, -1, 1),
                        x -> channel.read(new ByteBuffer[] {null}),
                        x -> channel.read(new ByteBuffer[] {ByteBuffer.allocate(1),
                            ByteBuffer.allocate(1).asReadOnlyBuffer()}),
                        x -> channel.read(new ByteBuffer[0]))),
                both("refused", (channel, file) -> tried(x -> channel.read((ByteBuffer) null),
                        x -> channel.read(ByteBuffer.allocate(3).asReadOnlyBuffer()),
                        x -> channel.read(ByteBuffer.allocate(0).asReadOnlyBuffer(), 0),
                        x -> channel.read(ByteBuffer.allocate(1), -1))));
    }

    @TestFactory
    Stream<DynamicTest> writing() {
        return Stream.of(
                both("past the end", (channel, file) -> tried(x -> channel.write(bytes("xy"), 12),
                        x -> channel.position(20).write(bytes("")), x -> channel.size(),
                        x -> channel.write(bytes("z")), x -> channel.size())),
                both("refused", (channel, file) -> tried(x -> channel.write((ByteBuffer) null),
                        x -> channel.write(bytes("a"), -1),
                        x -> channel.write(new ByteBuffer[] {bytes("a"), null}, 0, 2),
                        x -> channel.write(new ByteBuffer[] {bytes("a")}, 1, 1))),
                both("gathered, in part, from read-only buffers", (channel, file) -> {
                    ByteBuffer[] sources = {bytes("ab"), bytes("cd").asReadOnlyBuffer(),
                        bytes("ef").position(1)};
                    return channel.write(sources, 1, 2) + " " + sources[0].position();
                }),
                both("further than any file is long", (channel, file) ->
                        thrownBy(x -> channel.write(bytes("a"), Long.MAX_VALUE), null)
                                instanceof IOException),
                with("appended, wherever it is asked for", (channel, file) -> tried(
                        x -> channel.position(), x -> channel.write(bytes("a"), 0),
                        x -> channel.position(3).position(), x -> channel.write(bytes("b")),
                        x -> channel.write(new ByteBuffer[] {bytes("c"), bytes("d")}),
                        x -> channel.truncate(5).position(), x -> channel.position(),
                        x -> channel.write(bytes("e")), x -> channel.size()), WRITE, APPEND),
                with("appended by two", (channel, file) -> {
                    try (FileChannel other = FileChannel.open(file, APPEND)) {
                        channel.write(bytes("a"));
                        other.write(bytes("b"));
                        return channel.position() + " " + other.position();
                    }
                }, APPEND));
    }

    @TestFactory
    Stream<DynamicTest> sizes() {
        return Stream.of(
                both("truncate", (channel, file) ->
                tried(x -> channel.position(8).truncate(20).size(),
                        x -> channel.position(), x -> channel.truncate(10).position(),
                        x -> channel.truncate(4).position(), x -> channel.size(),
                        x -> channel.truncate(-1), x -> channel.truncate(0).position())),
                both("truncate with a position far off", (channel, file) -> tried(
                        x -> channel.position(1000).truncate(500).position(),
                        x -> channel.size())),
                both("position", (channel, file) -> tried(x -> channel.position(-1),
                        x -> channel.position(1L << 40).position(), x -> channel.size())),
                with("truncate for reading only",
                        (channel, file) -> tried(x -> channel.truncate(20),
                                x -> channel.truncate(0)), READ),
                both("a file that shrinks below a reader", (channel, file) -> {
                    channel.position(8);
                    Files.write(file, new byte[3]);
                    return channel.read(ByteBuffer.allocate(4)) + " " + channel.size();
                }));
    }

    @TestFactory
    Stream<DynamicTest> closed() {
        return Stream.of(both("everything throws", (channel, file) -> {
            channel.close();
            ByteBuffer one = ByteBuffer.allocate(1);
            ByteBuffer[] some = {one};
            return tried(x -> channel.read(one), x -> channel.read(one, 0), x -> channel.read(some),
                    x -> channel.write(one), x -> channel.write(one, 0), x -> channel.write(some),
                    x -> channel.position(), x -> channel.position(1), x -> channel.size(),
                    x -> channel.truncate(0), x -> {
                        channel.force(true);
                        return null;
                    }, x -> channel.map(MapMode.READ_ONLY, 0, 1), x -> channel.lock(),
                    x -> channel.tryLock(), x -> channel.tryLock(0, 1, true),
                    x -> channel.transferTo(0, 1, channel),
                    x -> channel.transferFrom(channel, 0, 1),
                    x -> channel.read(one.asReadOnlyBuffer()), x -> channel.position(-1),
                    x -> channel.truncate(-1), x -> channel.write((ByteBuffer) null));
        }), both("by an interrupt, whatever is called", (channel, file) -> {
            List<Object> results = new ArrayList<>();
            List<Call> calls = List.of(x -> channel.read(ByteBuffer.allocate(1)),
                    x -> channel.write(bytes("x")), x -> channel.size());
            for (Call call : calls) {
                Thread.currentThread().interrupt();
                results.add(thrownBy(call, null).getClass() + " " + Thread.interrupted());
            }
            return results;
        }), both("by an interrupt, in other calls", (channel, file) -> {
            List<Object> results = new ArrayList<>();
            List<Use> uses = List.of((c, f) -> c.write(bytes("x"), 0),
                    (c, f) -> c.read(ByteBuffer.allocate(1), 0), (c, f) -> c.truncate(5).size(),
                    (c, f) -> {
                        c.force(false);
                        return null;
                    }, (c, f) -> c.map(MapMode.READ_ONLY, 0, 1).capacity(),
                    (c, f) -> c.read(new ByteBuffer[] {ByteBuffer.allocate(1)}),
                    (c, f) -> c.transferTo(0, 5, Channels.newChannel(new ByteArrayOutputStream())),
                    (c, f) -> c.position(3).position(), (c, f) -> c.size(),
                    (c, f) -> c.position(), (c, f) -> c.lock().isValid(),
                    (c, f) -> c.tryLock().isValid());
            for (Use use : uses) {
                FileChannel other = FileChannel.open(file, READ, WRITE);
                Thread.currentThread().interrupt();
                Object result = thrownBy(x -> use.of(other, file), null);
                results.add((result instanceof Exception e ? e.getClass() : result) + " "
                        + Thread.interrupted() + " " + other.isOpen());
                other.close();
            }
            return results;
        }));
    }

    @TestFactory
    Stream<DynamicTest> transfers() {
        return Stream.of(
                both("to", (channel, file) -> {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    var target = Channels.newChannel(out);
                    Object results = tried(x -> channel.transferTo(3, 4, target),
                            x -> channel.transferTo(9, 100, target),
                            x -> channel.transferTo(10, 1, target),
                            x -> channel.transferTo(11, 1, target),
                            x -> channel.transferTo(0, 0, target),
                            x -> channel.transferTo(-1, 1, target),
                            x -> channel.transferTo(0, -1, target),
                            x -> channel.transferTo(0, 1, null));
                    return new Object[] {results, out.toString(UTF_8)};
                }),
                both("from", (channel, file) -> tried(
                        x -> channel.transferFrom(source("abc"), 2, 2),
                        x -> channel.transferFrom(source("abc"), 9, 10),
                        x -> channel.transferFrom(source("abc"), 0, 0),
                        x -> channel.transferFrom(source(""), 0, 5),
                        x -> channel.transferFrom(source("a"), -1, 5),
                        x -> channel.transferFrom(source("a"), 0, -5),
                        x -> channel.transferFrom(null, 0, 5), x -> channel.size())),
                both("from a file channel", (channel, file) -> {
                    Path other = Files.writeString(file.resolveSibling("other"), "abcdefghij");
                    try (FileChannel source = FileChannel.open(other, READ)) {
                        return tried(x -> channel.transferFrom(source.position(4), 1, 3),
                                x -> source.position(), x -> channel.transferFrom(source, 2, 50),
                                x -> source.position(), x -> channel.size(),
                                x -> channel.transferFrom(source, 0, 5),
                                x -> channel.transferFrom(source.position(50), 0, 5),
                                x -> source.transferFrom(channel, 0, 1),
                                x -> source.transferTo(0, 3, source));
                    }
                }),
                both("to a file channel", (channel, file) -> {
                    Path other = Files.writeString(file.resolveSibling("other"), "abcdefghij");
                    try (FileChannel target = FileChannel.open(other, WRITE);
                            FileChannel append = FileChannel.open(other, APPEND)) {
                        return tried(x -> channel.transferTo(2, 3, target.position(1)),
                                x -> target.position(), x -> channel.transferTo(0, 2, append),
                                x -> append.position(), x -> Files.readString(other),
                                x -> target.transferTo(0, 1, channel));
                    }
                }),
                with("to itself when it cannot write",
                        (channel, file) -> tried(x -> channel.transferTo(0, 1, channel)), READ),
                with("to appending itself", (channel, file) ->
                        tried(x -> channel.transferFrom(source("xyz"), 0, 3), x -> channel.size()),
                        APPEND),
                both("to a closed channel", (channel, file) -> {
                    FileChannel other = FileChannel.open(file, READ, WRITE);
                    other.close();
                    return tried(x -> channel.transferTo(0, 1, other),
                            x -> channel.transferFrom(other, 0, 1),
                            x -> channel.transferTo(50, 1, other));
                }));
    }

    private static java.nio.channels.ReadableByteChannel source(String text) {
        return Channels.newChannel(new ByteArrayInputStream(text.getBytes(UTF_8)));
    }

    @TestFactory
    Stream<DynamicTest> maps() {
        return Stream.of(
                both("bounds", (channel, file) -> tried(
                        x -> channel.map(MapMode.READ_ONLY, -1, 1),
                        x -> channel.map(MapMode.READ_ONLY, 0, -1),
                        x -> channel.map(MapMode.READ_ONLY, Long.MAX_VALUE, 1),
                        x -> channel.map(MapMode.READ_ONLY, 0, 1L << 31),
                        x -> channel.map(null, 0, 1),
                        x -> channel.map(MapMode.READ_ONLY, 0, 1, null),
                        x -> channel.map(MapMode.READ_ONLY, 10, 0).capacity(),
                        x -> channel.map(MapMode.READ_ONLY, 20, 0).capacity(), x -> channel.size(),
                        x -> channel.map(MapMode.READ_WRITE, 30, 5).capacity(),
                        x -> channel.size())),
                both("buffers", (channel, file) -> {
                    MappedByteBuffer readable = channel.map(MapMode.READ_ONLY, 2, 5);
                    MappedByteBuffer copy = channel.map(MapMode.PRIVATE, 2, 5);
                    copy.put(0, (byte) 'x');
                    return tried(x -> readable.get(0), x -> readable.put(0, (byte) 1),
                            x -> readable.get(5), x -> readable.isReadOnly(),
                            x -> readable.isDirect(),
                            x -> copy.get(0), x -> readable.get(0), x -> copy.force() == copy,
                            x -> readable.force(0, 5) == readable, x -> readable.force(0, 6),
                            x -> readable.slice(1, 2).get(0), x -> readable.load().isLoaded(),
                            x -> readable.order(), x -> readable.position());
                }),
                both("segments", (channel, file) -> {
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment all = channel.map(MapMode.READ_WRITE, 3, 6, arena);
                        MemorySegment none = channel.map(MapMode.READ_WRITE, 3, 0, arena);
                        MemorySegment readable = channel.map(MapMode.READ_ONLY, 0, 10, arena);
                        return tried(x -> all.byteSize(), x -> all.isMapped(), x -> none.byteSize(),
                                x -> none.isMapped(), x -> readable.isReadOnly(),
                                x -> readable.isNative(), x -> {
                                    all.force();
                                    none.force();
                                    readable.force();
                                    all.load();
                                    all.unload();
                                    return all.asSlice(2).isMapped();
                                }, x -> all.fill((byte) 'y').byteSize(),
                                x -> readable.fill((byte) 'z').byteSize(),
                                x -> all.scope().equals(arena.scope()));
                    }
                }),
                both("segments of arenas that are closed, or another thread's", (channel, file) -> {
                    Arena arena = Arena.ofConfined();
                    arena.close();
                    return tried(x -> channel.map(MapMode.READ_WRITE, 0, 1, arena));
                }),
                with("for reading only", (channel, file) -> tried(
                        x -> channel.map(MapMode.READ_WRITE, 0, 1),
                        x -> channel.map(MapMode.PRIVATE, 0, 1),
                        x -> channel.map(MapMode.READ_ONLY, 5, 10),
                        x -> channel.map(MapMode.READ_ONLY, 5, 5).get(4)), READ),
                with("for writing only", (channel, file) -> tried(
                        x -> channel.map(MapMode.READ_WRITE, 0, 1),
                        x -> channel.map(MapMode.PRIVATE, 0, 1),
                        x -> channel.map(MapMode.READ_ONLY, 0, 1)), WRITE),
                with("for appending", (channel, file) -> tried(
                        x -> channel.map(MapMode.READ_WRITE, 0, 1)), APPEND),
                both("outlives its channel", (channel, file) -> {
                    MappedByteBuffer buffer = channel.map(MapMode.READ_WRITE, 0, 10);
                    channel.close();
                    buffer.put(0, (byte) 'x');
                    return buffer.get(9);
                }));
    }

    @TestFactory
    Stream<DynamicTest> locks() {
        return Stream.of(
                both("overlaps", (channel, file) -> {
                    try (FileChannel other = FileChannel.open(file, READ, WRITE)) {
                        FileLock lock = channel.lock(5, 10, false);
                        return tried(x -> channel.tryLock(0, 5, false).isValid(),
                                x -> channel.tryLock(14, 1, true), x -> channel.lock(0, 6, true),
                                x -> other.tryLock(5, 1, true), x -> other.lock(),
                                x -> other.tryLock(15, 1, true).isShared(),
                                x -> lock.overlaps(14, 1),
                                x -> lock.overlaps(15, 1), x -> lock.position(), x -> lock.size(),
                                x -> lock.isShared(), x -> lock.channel() == channel,
                                x -> lock.acquiredBy() == channel, x -> {
                                    lock.release();
                                    lock.release();
                                    return lock.isValid();
                                }, x -> other.tryLock(5, 9, false).isValid());
                    }
                }),
                both("refused", (channel, file) -> tried(x -> channel.lock(-1, 1, false),
                        x -> channel.lock(0, -1, false),
                        x -> channel.tryLock(Long.MAX_VALUE, 1, false),
                        x -> channel.tryLock(0, 0, false).size())),
                with("of a channel that cannot write", (channel, file) -> tried(x -> channel.lock(),
                        x -> channel.tryLock(), x -> channel.lock(0, 1, true).isShared()), READ),
                with("of a channel that cannot read", (channel, file) -> tried(
                        x -> channel.lock(0, 1, true), x -> channel.tryLock().isShared()), WRITE),
                both("after closing", (channel, file) -> {
                    FileLock lock = channel.lock();
                    channel.close();
                    return tried(x -> lock.isValid(), x -> {
                        lock.release();
                        return null;
                    }, x -> {
                        lock.close();
                        return null;
                    });
                }));
    }

    @TestFactory
    Stream<DynamicTest> opening() {
        return Stream.of(
                with("without options", (channel, file) -> tried(x -> channel.write(bytes("x")),
                        x -> channel.read(ByteBuffer.allocate(3)))),
                with("to create only", (channel, file) -> tried(x -> channel.write(bytes("x"))),
                CREATE),
                with("to delete on close", (channel, file) -> {
                    channel.close();
                    boolean there = Files.exists(file);
                    Files.writeString(file, "again");
                    return there;
                }, READ, StandardOpenOption.DELETE_ON_CLOSE),
                with("dsync and sync at once", (channel, file) -> channel.write(bytes("x")), WRITE,
                        StandardOpenOption.DSYNC, StandardOpenOption.SYNC),
                alike("a directory", dir -> {
                    try (FileChannel channel = FileChannel.open(dir, READ)) {
                        channel.force(true);
                        channel.force(false);
                        return thrownBy(x -> channel.read(ByteBuffer.allocate(1)), dir)
                                instanceof IOException;
                    }
                }));
    }
}
