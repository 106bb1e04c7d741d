package dev.holdfast.bench.nio;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
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

/** Maps and unmaps a file of 1 GiB whose extents are large. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"})
public class MapBenchmark {
    private static final long FILE_BYTES = 1L << 30;

    /** What is measured. */
    @Param
    public Target target;

    private Path root;
    private FileChannel channel;

    /** Gives the file its blocks. */
    @Setup
    public void open() throws IOException {
        root = target.open("/dev/shm", FILE_BYTES * 5 / 4);
        channel = FileChannel.open(root.resolve("file"), READ, WRITE, CREATE);
        map(MapMode.READ_WRITE);
    }

    /** Removes it. */
    @TearDown
    public void close() throws IOException {
        channel.close();
        Target.close(root);
    }

    private long map(MapMode mode) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            return channel.map(mode, 0, FILE_BYTES, arena).address();
        }
    }

    /** Maps it for loads. */
    @Benchmark
    public long mapReadOnly() throws IOException {
        return map(MapMode.READ_ONLY);
    }

    /** Maps it for loads and stores. */
    @Benchmark
    public long mapReadWrite() throws IOException {
        return map(MapMode.READ_WRITE);
    }
}
