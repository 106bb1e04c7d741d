package dev.holdfast.bench.nio;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.holdfast.nio.Holdfast;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import jdk.nio.mapmode.ExtendedMapMode;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Durable appends of 64 bytes on a file of a disk: store and persist through a synchronous mapping
 * of a volume, beside write and force of a file of the host. One writer, and eight that share the
 * file.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"})
public class AppendBenchmark {
    private static final int RECORD_BYTES = 64;
    private static final long LOG_BYTES = 64 << 20;

    /** What is measured. */
    @Param
    public Target target;

    private final AtomicLong end = new AtomicLong();
    private final Arena arena = Arena.ofShared();
    private Path root;
    private FileChannel channel;
    private MemorySegment log;

    /** Makes the log. */
    @Setup
    public void open() throws IOException {
        root = target.open(System.getProperty("bench.disk", "target"), LOG_BYTES * 2);
        channel = FileChannel.open(root.resolve("log"), READ, WRITE, CREATE);
        if (target == Target.HOLDFAST) {
            log = channel.map(ExtendedMapMode.READ_WRITE_SYNC, 0, LOG_BYTES, arena);
        } else {
            // A log with its blocks written, too: else each force would wait for the file's size.
            ByteBuffer zeroes = ByteBuffer.allocateDirect(1 << 20);
            for (long at = 0; at < LOG_BYTES; at += zeroes.capacity()) {
                channel.write(zeroes.clear(), at);
            }
            channel.force(true);
        }
    }

    /** Removes it. */
    @TearDown
    public void close() throws IOException {
        arena.close();
        channel.close();
        Target.close(root);
    }

    private long append() throws IOException {
        long at = end.getAndAdd(RECORD_BYTES) % LOG_BYTES;
        if (target == Target.HOLDFAST) {
            log.set(ValueLayout.JAVA_LONG, at, at);
            Holdfast.persist(log, at, RECORD_BYTES);
        } else {
            channel.write(ByteBuffer.allocate(RECORD_BYTES).putLong(at).clear(), at);
            channel.force(false);
        }
        return at;
    }

    /** One writer. */
    @Benchmark
    @Threads(1)
    public long oneWriter() throws IOException {
        return append();
    }

    /** Eight writers. */
    @Benchmark
    @Threads(8)
    public long eightWriters() throws IOException {
        return append();
    }
}
