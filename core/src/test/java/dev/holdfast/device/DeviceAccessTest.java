package dev.holdfast.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every device does when it is stored to, loaded from and closed. */
@ParameterizedClass
@MethodSource("dev.holdfast.device.DeviceKind#available")
class DeviceAccessTest {
    private static final long SIZE = 1 << 20;

    @Parameter
    DeviceKind kind;

    @TempDir
    Path directory;

    private DaxDevice device;

    @BeforeEach
    void create() throws IOException {
        device = kind.create(directory, SIZE);
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void aNewDeviceReadsAsZeroAndKnowsIt() {
        assertThat(device.sizeBytes()).isEqualTo(SIZE);
        assertThat(device.isKnownZeroWhenNew()).isTrue();
        assertThat(device.memory().toArray(JAVA_BYTE)).containsOnly((byte) 0);
    }

    @Test
    void valuesAreLittleEndianAtAnyAlignment() {
        device.putLong(13, 0x1122334455667788L);
        device.putInt(31, 0xcafebabe);
        device.putByte(40, (byte) 0x5a);

        assertThat(device.getByte(13)).isEqualTo((byte) 0x88);
        assertThat(device.getByte(20)).isEqualTo((byte) 0x11);
        assertThat(device.getLong(13)).isEqualTo(0x1122334455667788L);
        assertThat(device.getInt(31)).isEqualTo(0xcafebabe);
        assertThat(device.getByte(40)).isEqualTo((byte) 0x5a);
    }

    @Test
    void bytesAreCopiedToAndFromAPartOfAnArray() {
        byte[] source = {9, 1, 2, 3, 9};
        device.put(SIZE - 3, source, 1, 3);
        byte[] target = {7, 7, 7, 7, 7};
        device.get(SIZE - 3, target, 1, 3);

        assertThat(target).containsExactly(7, 1, 2, 3, 7);
    }

    @Test
    void zeroClearsExactlyItsRange() {
        byte[] ones = new byte[300];
        Arrays.fill(ones, (byte) 1);
        device.put(4000, ones, 0, 300);

        device.zero(4001, 298);

        assertThat(device.getByte(4000)).isEqualTo((byte) 1);
        assertThat(device.getByte(4299)).isEqualTo((byte) 1);
        assertThat(device.memory().asSlice(4001, 298).toArray(JAVA_BYTE)).containsOnly((byte) 0);
    }

    @Test
    void memoryAndAccessorsSeeTheSameBytes() {
        device.memory().set(JAVA_LONG, 128, 42);
        device.putLong(136, 43);

        assertThat(device.getLong(128)).isEqualTo(42);
        assertThat(device.memory().get(JAVA_LONG, 136)).isEqualTo(43);
        assertThat(device.memory().byteSize()).isEqualTo(SIZE);
    }

    @Test
    void everyAccessOutOfBoundsIsRefusedBeforeItIsMade() {
        byte[] bytes = new byte[16];
        List<ThrowingCallable> accesses = List.of(
                () -> device.getByte(SIZE),
                () -> device.getByte(-1),
                () -> device.getInt(SIZE - 3),
                () -> device.getLong(SIZE - 7),
                () -> device.getLong(Long.MAX_VALUE),
                () -> device.get(SIZE - 15, bytes, 0, 16),
                () -> device.get(0, bytes, 1, 16),
                () -> device.putByte(SIZE, (byte) 1),
                () -> device.putInt(-1, 1),
                () -> device.putLong(SIZE - 7, 1),
                () -> device.putLong(Long.MIN_VALUE, 1),
                () -> device.put(SIZE - 15, bytes, 0, 16),
                () -> device.put(0, bytes, 1, 16),
                () -> device.zero(SIZE - 15, 16),
                () -> device.zero(0, -1),
                () -> device.populate(SIZE - 15, 16),
                () -> device.populate(-4096, 4096));

        assertThat(accesses).allSatisfy(access ->
                assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(access));
        assertThat(device.memory().mismatch(MemorySegment.ofArray(new byte[(int) SIZE])))
                .as("nothing was stored").isEqualTo(-1);
    }

    @Test
    void populateChangesNothing() {
        device.putLong(8192, 5);

        device.populate(100, SIZE - 100);
        device.populate(SIZE, 0);

        assertThat(device.getLong(8192)).isEqualTo(5);
        assertThat(device.getLong(0)).isZero();
    }

    @Test
    void accessAfterCloseIsAnException() {
        MemorySegment memory = device.memory();
        device.close();
        device.close();

        List<ThrowingCallable> accesses = List.of(
                () -> device.getByte(0),
                () -> device.putLong(0, 1),
                () -> device.get(0, new byte[8], 0, 8),
                () -> device.zero(0, 64),
                () -> memory.get(JAVA_BYTE, 0),
                () -> device.persist(0, 64),
                () -> device.persist(new long[] {0, 64}, 1),
                () -> device.newWindow(SIZE));
        assertThat(accesses).allSatisfy(
                access -> assertThatIllegalStateException().isThrownBy(access));
    }

    @Test
    void closingWaitsForPersistsAndNeverUnmapsUnderThem() throws Exception {
        int threads = 4;
        CountDownLatch persisting = new CountDownLatch(threads);
        List<Thread> persisters = IntStream.range(0, threads).mapToObj(i -> new Thread(() -> {
            while (persistUntilClosed(i * 4096L)) {
                persisting.countDown();
            }
        })).toList();
        persisters.forEach(Thread::start);
        persisting.await();

        device.close();

        for (Thread persister : persisters) {
            persister.join();
        }
        assertThat(device.counters().barriers() + device.counters().lines())
                .as("they did persist").isGreaterThanOrEqualTo(threads);
    }

    private boolean persistUntilClosed(long offset) {
        try {
            device.persist(offset, 64);
            return true;
        } catch (IllegalStateException closed) {
            return false;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void closingInsideANativeCallThatHoldsTheMemoryIsRefusedAndLeavesTheDeviceOpen()
            throws Throwable {
        device.putInt(0, 2);
        device.putInt(4, 1);
        Linker linker = Linker.nativeLinker();
        MethodHandle qsort = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("qsort"),
                FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS));
        Closer closer = new Closer(device);
        MethodHandle compare = MethodHandles.lookup().bind(closer, "compare",
                MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class));
        try (Arena arena = Arena.ofConfined()) {
            qsort.invoke(device.memory(), 2L, 4L, linker.upcallStub(
                    compare, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS), arena));
        }

        assertThat(closer.refusal).isInstanceOf(IllegalStateException.class);
        device.persist(0, 8);
        assertThat(device.getInt(4)).isEqualTo(1);
    }

    /** Compares nothing, but closes the device while the native sort holds it. */
    private static final class Closer {
        private final DaxDevice device;
        private RuntimeException refusal;

        Closer(DaxDevice device) {
            this.device = device;
        }

        @SuppressWarnings("unused")
        int compare(MemorySegment left, MemorySegment right) {
            try {
                device.close();
            } catch (RuntimeException e) {
                refusal = e;
            }
            return 0;
        }
    }

    @Test
    void aSizeThatIsNoPositiveMultipleOfBlocksIsRefused() {
        Path elsewhere = directory.resolve("sizes");
        for (long size : new long[] {0, -4096, 4095, 4097}) {
            assertThatIllegalArgumentException().isThrownBy(() -> kind.create(elsewhere, size));
        }
    }
}
