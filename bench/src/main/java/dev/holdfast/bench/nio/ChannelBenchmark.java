package dev.holdfast.bench.nio;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reads and writes of a channel, and the making and deleting of files, beside the same tmpfs
 * itself.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"})
public class ChannelBenchmark {
    private static final int FILE_BYTES = 64 << 20;
    private static final int SMALL = 4 << 10;
    private static final int LARGE = 1 << 20;

    /** What is measured. */
    @Param
    public Target target;

    private final ByteBuffer small = ByteBuffer.allocateDirect(SMALL);
    private final ByteBuffer large = ByteBuffer.allocateDirect(LARGE);
    private Path root;
    private FileChannel channel;
    private long at;

    /** Makes a file whose pages have all been touched. */
    @Setup
    public void open() throws IOException {
        root = target.open("/dev/shm", 256 << 20);
        channel = FileChannel.open(root.resolve("file"), READ, WRITE, CREATE);
        for (long offset = 0; offset < FILE_BYTES; offset += LARGE) {
            channel.write(large.clear(), offset);
        }
    }

    /** Removes it. */
    @TearDown
    public void close() throws IOException {
        channel.close();
        Target.close(root);
    }

    private long next(int bytes) {
        at = at + 37L * bytes & FILE_BYTES - 1;
        return at;
    }

    /** Reads 4 KiB. */
    @Benchmark
    public int read4k() throws IOException {
        return channel.read(small.clear(), next(SMALL));
    }

    /** Overwrites 4 KiB. */
    @Benchmark
    public int write4k() throws IOException {
        return channel.write(small.clear(), next(SMALL));
    }

    /** Reads 1 MiB. */
    @Benchmark
    public int read1m() throws IOException {
        return channel.read(large.clear(), next(LARGE));
    }

    /** Overwrites 1 MiB. */
    @Benchmark
    public int write1m() throws IOException {
        return channel.write(large.clear(), next(LARGE));
    }

    /** Makes an empty file and deletes it. */
    @Benchmark
    public void createAndDelete() throws IOException {
        Path path = root.resolve("new");
        Files.createFile(path);
        Files.delete(path);
    }
}
