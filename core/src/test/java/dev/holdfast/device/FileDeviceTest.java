package dev.holdfast.device;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Making and opening device files. */
class FileDeviceTest {
    private static final long SIZE = 4 << 20;

    @TempDir
    Path directory;

    @Test
    void whatIsPersistedIsThereWhenTheFileIsOpenedAgain() throws IOException {
        Path file = made(SIZE);
        try (FileDevice device = FileDevice.open(file, false)) {
            device.putLong(8192, 42);
            device.persist(8192, 8);
        }
        try (FileDevice device = FileDevice.open(file, false)) {
            assertThat(device.getLong(8192)).isEqualTo(42);
            assertThat(device.sizeBytes()).isEqualTo(SIZE);
            assertThat(device.name()).isEqualTo(file.toString());
            assertThat(device.isKnownZeroWhenNew()).as("known only of a new file").isFalse();
        }
    }

    @Test
    void aDiskFileIsFilledWithZeroesAndProgressIsTold() throws IOException {
        Path file = directory.resolve("new.vol");
        List<Long> told = new ArrayList<>();

        FileDevice.create(file, SIZE + 4096, false, told::add).close();

        assertThat(told).isSorted().endsWith(SIZE + 4096).hasSizeGreaterThan(3);
        assertThat(spaceTaken(file)).isGreaterThanOrEqualTo(SIZE);
    }

    @Test
    void aSparseFileTakesNoSpace() throws IOException {
        Path file = directory.resolve("sparse.vol");
        try (FileDevice device = FileDevice.create(file, 1L << 30, true, zeroed -> {})) {
            assertThat(spaceTaken(file)).isLessThan(1 << 20);
            assertThat(device.getLong((1L << 30) - 8)).isZero();
        }
    }

    @Test
    void aDiskFileIsWrittenBackByPageAndSurvivesAPowerCut() throws IOException {
        try (FileDevice device = FileDevice.open(made(SIZE), false)) {
            Medium medium = device.medium();
            assumeTrue(medium.writeBack() != Medium.WriteBack.CACHE_LINE, "not on tmpfs or DAX");

            assertThat(medium.granularity()).isEqualTo(Medium.Granularity.PAGE);
            assertThat(medium.writeBack()).isEqualTo(Medium.WriteBack.MSYNC);
            assertThat(medium.survives()).isEqualTo(Medium.Survives.POWER_CUT);
        }
    }

    @Test
    void expectingSmallPersistsChangesNoContentNotEvenWhatIsNotPersisted() throws IOException {
        Path file = made(SIZE);
        try (FileDevice device = FileDevice.open(file, false)) {
            device.putLong(8, 1);
            device.persist(8, 8);
            device.putLong(8, 2);
            device.putLong(SIZE - 8, 3);

            device.expectSmallPersists(0, SIZE);

            assertThat(device.getLong(8)).isEqualTo(2);
            assertThat(device.getLong(SIZE - 8)).isEqualTo(3);
            device.putLong(16, 4);
            device.persist(0, SIZE);
        }
        try (FileDevice device = FileDevice.open(file, true)) {
            device.expectSmallPersists(0, SIZE);
            assertThat(device.getLong(8)).isEqualTo(2);
            assertThat(device.getLong(16)).isEqualTo(4);
        }
    }

    @Test
    void writeBackCanBeForcedWhenOpening() throws IOException {
        Path file = made(SIZE);
        try (FileDevice device = FileDevice.open(file, false, WriteBackChoice.NONE)) {
            assertThat(device.medium().survives()).isEqualTo(Medium.Survives.PROCESS_KILL);
            assertThat(device.medium().reason()).contains("as forced");
        }
    }

    @Test
    void aTmpfsFileHasItsSpaceTakenAtOnce() throws IOException {
        assumeTrue(Files.isWritable(DeviceKind.SHM));
        Path file = Files.createTempFile(DeviceKind.SHM, "holdfast-test", ".vol");
        try (FileDevice device = FileDevice.create(
                file, SIZE, CreateOptions.defaults().withOverwrite(true))) {
            assertThat(spaceTaken(file)).isGreaterThanOrEqualTo(SIZE);
            assertThat(device.medium().survives()).isEqualTo(Medium.Survives.PROCESS_KILL);
            assertThat(device.medium().granularity()).isEqualTo(Medium.Granularity.LINE);
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void aFullFileSystemIsAnExceptionThatSaysHowMuchIsMissingAndLeavesNoFile() throws IOException {
        Path file = directory.resolve("full.vol");
        long free = Files.getFileStore(directory).getUsableSpace();
        long wanted = (free + (1L << 40)) / 4096 * 4096;

        assertRefused(ErrorCode.NO_SPACE, "are missing",
                () -> FileDevice.create(file, wanted, CreateOptions.defaults()));
        assertThat(file).doesNotExist();
    }

    @Test
    void aFullTmpfsIsAnExceptionToo() throws IOException {
        assumeTrue(Files.isWritable(DeviceKind.SHM));
        Path file = DeviceKind.SHM.resolve("holdfast-test-full-" + ProcessHandle.current().pid());

        assertRefused(ErrorCode.NO_SPACE, "are missing",
                () -> FileDevice.create(file, 1L << 50, CreateOptions.defaults()));
        assertThat(file).doesNotExist();
    }

    @Test
    void aHalfMadeFileIsRemoved() {
        Path file = directory.resolve("half.vol");

        assertThatIllegalStateException().isThrownBy(() ->
                FileDevice.create(file, SIZE, false, zeroed -> {
                    throw new IllegalStateException("stop");
                }));
        assertThat(file).doesNotExist();
    }

    @Test
    void anExistingFileIsRefusedUnlessToldToOverwrite() throws IOException {
        Path file = directory.resolve("notes.txt");
        Files.writeString(file, "precious");

        assertRefused(ErrorCode.EXISTS, "notes.txt",
                () -> FileDevice.create(file, SIZE, CreateOptions.defaults()));
        assertThat(file).hasContent("precious");

        try (FileDevice device = FileDevice.create(
                file, SIZE, CreateOptions.defaults().withOverwrite(true))) {
            assertThat(device.getLong(0)).isZero();
        }
    }

    @Test
    void aVolumeInUseIsNotOverwritten() throws IOException {
        Path file = made(SIZE);
        try (FileDevice device = FileDevice.open(file, false)) {
            device.putLong(0, 5);

            assertRefused(ErrorCode.BUSY, "this process", () -> FileDevice.create(
                    file, SIZE, CreateOptions.defaults().withOverwrite(true)));
            assertThat(file).exists();
            assertThat(device.getLong(0)).isEqualTo(5);
        }
    }

    @Test
    void aSecondOpenerInThisProcessIsRefused() throws IOException {
        Path file = made(SIZE);
        try (FileDevice first = FileDevice.open(file, false)) {
            assertRefused(ErrorCode.BUSY, "in use by this process",
                    () -> FileDevice.open(file, false));
            assertRefused(ErrorCode.BUSY, "in use by this process",
                    () -> FileDevice.open(file, true));
            assertThat(first.getLong(0)).isZero();
        }
        FileDevice.open(file, false).close();
    }

    @Test
    void aSecondProcessIsToldWhoHoldsTheVolume() throws Exception {
        Path file = made(SIZE);
        Process holder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"),
                VolumeHolder.class.getName(), file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var output = holder.inputReader()) {
            assertThat(output.readLine()).isEqualTo("open " + SIZE);

            assertRefused(ErrorCode.BUSY, "process " + holder.pid() + " (",
                    () -> FileDevice.open(file, false));
        } finally {
            holder.getOutputStream().close();
            holder.waitFor();
        }
        FileDevice.open(file, false).close();
    }

    @Test
    void aWindowStillOpenKeepsTheLockAndTheMessageSaysSo() throws IOException {
        Path file = made(SIZE);
        FileDevice device = FileDevice.open(file, false);
        try (AddressWindow window = device.newWindow(SIZE)) {
            window.layDevice(0, 0, SIZE);
            device.close();

            assertRefused(ErrorCode.BUSY, "a window on it is still mapped",
                    () -> FileDevice.open(file, false));
        }
        FileDevice.open(file, false).close();
    }

    @Test
    void readersShareAndNeitherStoreNorPersist() throws IOException {
        Path file = made(SIZE);
        try (FileDevice first = FileDevice.open(file, true);
                FileDevice second = FileDevice.open(file, true);
                AddressWindow window = second.newWindow(4096)) {
            assertThat(first.getLong(0)).isZero();
            assertThatIllegalArgumentException().isThrownBy(() -> second.putLong(0, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> second.zero(0, 64));
            assertThat(second.memory().isReadOnly()).isTrue();
            assertRefused(ErrorCode.READ_ONLY, "reading only", () -> second.persist(0, 64));
            assertRefused(ErrorCode.BUSY, "this process", () -> FileDevice.open(file, false));

            window.layPrivate(0, 0, 4096);
            window.memory().set(JAVA_BYTE, 0, (byte) 1);
            assertThat(first.getByte(0)).isZero();
        }
    }

    @Test
    @DisplayName("an interrupted thread closes nothing")
    void interruptionIsHarmless() throws IOException {
        try (FileDevice device = FileDevice.open(made(SIZE), false)) {
            Thread.currentThread().interrupt();
            device.putLong(0, 1);
            device.persist(0, 8);

            assertThat(Thread.interrupted()).isTrue();
            device.persist(0, 8);
            assertThat(device.counters().barriers()).isEqualTo(2);
        }
    }

    @Test
    void whatCannotBeAVolumeIsRefused() throws IOException {
        Path odd = directory.resolve("odd");
        Files.write(odd, new byte[5000]);
        Path empty = Files.createFile(directory.resolve("empty"));

        assertRefused(ErrorCode.NOT_FOUND, "missing",
                () -> FileDevice.open(directory.resolve("missing"), false));
        assertRefused(ErrorCode.INVALID, "5000", () -> FileDevice.open(odd, false));
        assertRefused(ErrorCode.INVALID, "multiple", () -> FileDevice.open(empty, false));
        assertRefused(ErrorCode.IS_A_DIRECTORY, "directory",
                () -> FileDevice.open(directory, false));
        assertRefused(ErrorCode.INVALID, "regular file", () -> FileDevice.open(directory, true));
        assertRefused(ErrorCode.INVALID, "device-dax",
                () -> FileDevice.open(Path.of("/dev/null"), false));
        assertThat(odd).hasSize(5000);
    }

    @Test
    void sysfsTellsSizeAndAlignmentOfDeviceDax() throws IOException {
        Files.writeString(directory.resolve("size"), "1073741824\n");

        assertThat(DaxNode.sizeBytes(Path.of("/dev/dax0.0"), directory)).isEqualTo(1L << 30);
        assertThat(DaxNode.alignmentBytes(directory)).as("unless told").isEqualTo(2 << 20);
        Files.writeString(directory.resolve("align"), "0x1000\n");
        assertThat(DaxNode.alignmentBytes(directory)).isEqualTo(4096);
    }

    private Path made(long sizeBytes) throws IOException {
        Path file = directory.resolve("made.vol");
        FileDevice.create(file, sizeBytes, CreateOptions.defaults()).close();
        return file;
    }

    private static long spaceTaken(Path file) throws IOException {
        Process du = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        try (var output = du.inputReader()) {
            return 512 * Long.parseLong(output.readLine());
        }
    }

    private static void assertRefused(ErrorCode code, String words, ThrowingCallable call) {
        assertThatExceptionOfType(HoldfastException.class).isThrownBy(call)
                .withMessageContaining(words)
                .returns(code, HoldfastException::code);
    }
}
