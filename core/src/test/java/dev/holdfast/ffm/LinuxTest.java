package dev.holdfast.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The system calls, against what the JDK's own file calls see. */
class LinuxTest {
    private static final long SIZE = 1 << 20;

    @TempDir
    Path directory;

    @BeforeEach
    void onLinux() {
        assumeTrue(Linux.isAvailable());
    }

    @Test
    void aFailedCallSaysWhichAndWhy() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Linux.open(directory + "/none", Linux.O_RDONLY, 0))
                .withMessageContaining("open").withMessageContaining("ENOENT")
                .returns(Errno.ENOENT, ErrnoException::errno);
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Linux.mmap(0, 0, Linux.PROT_READ,
                        Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, -1, 0))
                .withMessageContaining("mmap")
                .returns(Errno.EINVAL, ErrnoException::errno);
        assertThat(Errno.describe(9999)).isEqualTo("errno 9999");
    }

    @Test
    void aCreatedFileHasItsModeAndSize() throws Exception {
        Path file = directory.resolve("file");
        int fd = Linux.open(file.toString(), Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL, 0600);
        try {
            Linux.ftruncate(fd, 12345);
            FileStatus status = Linux.fstat(fd);

            assertThat(status.isRegular()).isTrue();
            assertThat(status.isCharacterDevice()).isFalse();
            assertThat(status.sizeBytes()).isEqualTo(12345).isEqualTo(Files.size(file));
            assertThat(status.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
            assertThat(status.sameFile(Linux.stat(file.toString()))).isTrue();
            assertThat(status.sameFile(Linux.stat(directory.toString()))).isFalse();
            assertThat(Files.getPosixFilePermissions(file))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        } finally {
            Linux.close(fd);
        }
    }

    @Test
    void deviceNodesAreTold() throws Exception {
        FileStatus status = Linux.stat("/dev/null");

        assertThat(status.isCharacterDevice()).isTrue();
        assertThat(status.nodeMajor()).isEqualTo(1);
        assertThat(status.nodeMinor()).isEqualTo(3);
    }

    @Test
    void bytesAreWrittenAndReadAtAnOffset() throws Exception {
        Path file = directory.resolve("file");
        int fd = Linux.open(file.toString(), Linux.O_RDWR | Linux.O_CREAT, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom("holdfast");
            assertThat(Linux.pwrite(fd, text.asSlice(0, 8), 4)).isEqualTo(8);
            Linux.fsync(fd);
            MemorySegment read = arena.allocate(100);

            assertThat(Linux.pread(fd, read, 8)).isEqualTo(4);
            assertThat(read.asSlice(0, 4).toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo("fast".getBytes(StandardCharsets.US_ASCII));
            assertThat(Linux.pread(fd, read, 12)).as("at the end").isZero();
        } finally {
            Linux.close(fd);
        }
    }

    @Test
    void dataAndHolesOfAMemoryFileAreFound() throws Exception {
        int fd = Linux.memfdCreate("holes");
        try {
            Linux.ftruncate(fd, SIZE);
            assertThat(Linux.seek(fd, 0, Linux.SEEK_DATA)).as("no data yet").isEqualTo(-1);
            long page = Linux.pageBytes();
            long address = Linux.mmap(0, SIZE, Linux.PROT_READ | Linux.PROT_WRITE,
                    Linux.MAP_SHARED, fd, 0);
            MemorySegment.ofAddress(address).reinterpret(SIZE)
                    .set(ValueLayout.JAVA_BYTE, 3 * page + 5, (byte) 1);
            Linux.munmap(address, SIZE);

            assertThat(Linux.seek(fd, 0, Linux.SEEK_DATA)).isEqualTo(3 * page);
            assertThat(Linux.seek(fd, 3 * page, Linux.SEEK_HOLE)).isEqualTo(4 * page);
        } finally {
            Linux.close(fd);
        }
    }

    @Test
    void spaceIsAllocatedAndTheHostIsKnown() throws Exception {
        int fd = Linux.memfdCreate("space");
        try {
            Linux.fallocate(fd, 0, 0, SIZE);

            assertThat(Linux.fstat(fd).sizeBytes()).isEqualTo(SIZE);
            assertThat(Linux.fstatfs(fd).magic()).as("tmpfs").isEqualTo(0x01021994L);
            assertThat(Linux.fstatfs(fd).blockBytes()).isEqualTo(Linux.pageBytes());
        } finally {
            Linux.close(fd);
        }
    }

    @Test
    void aMappingIsProtectedAdvisedAndSynced() throws Exception {
        int fd = Linux.memfdCreate("mapping");
        try {
            Linux.ftruncate(fd, SIZE);
            int both = Linux.PROT_READ | Linux.PROT_WRITE;
            long address = Linux.mmap(0, SIZE, both, Linux.MAP_SHARED, fd, 0);
            MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(SIZE);
            memory.set(ValueLayout.JAVA_INT, 0, 5);
            Linux.msync(address, SIZE);
            Linux.mprotect(address, SIZE, Linux.PROT_READ);
            Linux.madvise(address, SIZE, Linux.MADV_DONTNEED);

            assertThat(memory.get(ValueLayout.JAVA_INT, 0)).as("shared memory").isEqualTo(5);
            Linux.munmap(address, SIZE);
            assertThatExceptionOfType(ErrnoException.class)
                    .isThrownBy(() -> Linux.mprotect(1, SIZE, Linux.PROT_READ));
        } finally {
            Linux.close(fd);
        }
    }

    @Test
    void locksBelongToTheOpenFileNotToTheProcess() throws Exception {
        Path file = Files.createFile(directory.resolve("locked"));
        int first = Linux.open(file.toString(), Linux.O_RDWR, 0);
        int second = Linux.open(file.toString(), Linux.O_RDWR, 0);
        try {
            assertThat(Linux.tryLock(first, false)).isTrue();
            assertThat(Linux.tryLock(second, false)).as("shared by two").isTrue();
            assertThat(Linux.tryLock(second, true)).as("exclusive beside shared").isFalse();
            Linux.close(first);
            first = -1;
            assertThat(Linux.tryLock(second, true)).isTrue();
        } finally {
            if (first >= 0) {
                Linux.close(first);
            }
            Linux.close(second);
        }
    }
}
