package dev.holdfast.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Faults of this process are resolved by this process: so each access that faults is made by a
 * plain system call, which a garbage collection does not wait for.
 */
class UserfaultfdTest {
    private static final long PAGE = 4096;
    private static final int PAGES = 4;
    private static final long FEATURES = Userfaultfd.FEATURE_MINOR_SHMEM
            | Userfaultfd.FEATURE_MISSING_SHMEM | Userfaultfd.FEATURE_WP_FILES
            | Userfaultfd.FEATURE_POISON;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate(16 * Userfaultfd.EVENT_BYTES, 8);
    private final MemorySegment table = arena.allocate(Descriptors.POLLFD_BYTES, 4);
    private int uffd = -1;
    private int file;
    private MemorySegment server;
    private MemorySegment client;

    @BeforeEach
    void open() throws Exception {
        try {
            uffd = Userfaultfd.open();
        } catch (ErrnoException e) {
            assumeTrue(false, "this process may not use userfaultfd: " + e.getMessage());
        }
        long available = Userfaultfd.agree(uffd, 0);
        assumeTrue((available & FEATURES) == FEATURES, "this kernel lacks features: " + available);
        Linux.close(uffd);
        uffd = Userfaultfd.open();
        Userfaultfd.agree(uffd, FEATURES);
        file = Linux.memfdCreate("faults");
        Linux.ftruncate(file, PAGES * PAGE);
        server = map();
        client = map();
        Userfaultfd.register(uffd, client.address(), PAGES * PAGE);
    }

    private MemorySegment map() throws ErrnoException {
        long address = Linux.mmap(0, PAGES * PAGE, Linux.PROT_READ | Linux.PROT_WRITE,
                Linux.MAP_SHARED, file, 0);
        return MemorySegment.ofAddress(address).reinterpret(PAGES * PAGE, arena,
                s -> Linux.munmap(s.address(), s.byteSize()));
    }

    @AfterEach
    void close() {
        arena.close();
        if (uffd >= 0) {
            Linux.close(uffd);
            Linux.close(file);
        }
    }

    private CompletableFuture<Void> touch(long page) {
        return CompletableFuture.runAsync(() -> {
            try {
                Linux.madvise(client.address() + page * PAGE, PAGE, Linux.MADV_POPULATE_WRITE);
            } catch (ErrnoException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void awaitFault(long page) {
        Descriptors.pollEntry(table, 0, uffd);
        assertThat(Descriptors.poll(table, 1, 10_000)).isEqualTo(1);
        assertThat(Userfaultfd.read(uffd, events)).isEqualTo(Userfaultfd.EVENT_BYTES);
        assertThat(Userfaultfd.isFault(events, 0)).isTrue();
        assertThat(Userfaultfd.isWrite(events, 0)).isTrue();
        assertThat(Userfaultfd.faultAddress(events, 0)).isEqualTo(client.address() + page * PAGE);
    }

    @Test
    @DisplayName("a store waits until the page is resumed, and then finds what the server stored")
    void resume() throws Exception {
        assertThat(Userfaultfd.read(uffd, events)).isEqualTo(-Errno.EAGAIN);
        CompletableFuture<Void> store = touch(1);
        awaitFault(1);
        assertThat(store).isNotDone();
        assertThat(Userfaultfd.resume(uffd, client.address() + PAGE, PAGE, true))
                .as("the file has no page yet").isEqualTo(-Errno.EFAULT);
        server.set(JAVA_LONG, PAGE, 42);
        assertThat(Userfaultfd.resume(uffd, client.address() + PAGE, PAGE, true)).isZero();
        store.get(10, TimeUnit.SECONDS);
        assertThat(client.get(JAVA_LONG, PAGE)).isEqualTo(42);
        assertThat(Userfaultfd.resume(uffd, client.address() + PAGE, PAGE, true))
                .isEqualTo(-Errno.EEXIST);
    }

    @Test
    @DisplayName("a write-protected page can be read, and a store to it faults")
    void protect() throws Exception {
        server.fill((byte) 7);
        assertThat(Userfaultfd.resume(uffd, client.address(), PAGE, false)).isZero();
        assertThat(client.get(JAVA_BYTE, 5)).isEqualTo((byte) 7);
        CompletableFuture<Void> store = touch(0);
        awaitFault(0);
        assertThat(store).isNotDone();
        assertThat(Userfaultfd.protect(uffd, client.address(), PAGE, false)).isZero();
        store.get(10, TimeUnit.SECONDS);
        assertThat(Userfaultfd.protect(uffd, client.address(), PAGES * PAGE, true)).isZero();
        CompletableFuture<Void> again = touch(0);
        awaitFault(0);
        assertThat(Userfaultfd.protect(uffd, client.address(), PAGE, false)).isZero();
        again.get(10, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("a hole punched in the file takes the page away from every process")
    void punch() throws Exception {
        server.fill((byte) 7);
        assertThat(Userfaultfd.resume(uffd, client.address(), PAGES * PAGE, true)).isZero();
        Linux.punchHole(file, PAGE, PAGE);
        CompletableFuture<Void> store = touch(1);
        awaitFault(1);
        server.set(JAVA_BYTE, PAGE + 1, (byte) 1);
        assertThat(Userfaultfd.resume(uffd, client.address() + PAGE, PAGE, true)).isZero();
        store.get(10, TimeUnit.SECONDS);
        assertThat(client.get(JAVA_BYTE, PAGE)).isZero();
    }

    @Test
    @DisplayName("a wake makes the same fault come again, for another server")
    void wake() throws Exception {
        CompletableFuture<Void> store = touch(3);
        awaitFault(3);
        assertThat(Userfaultfd.wake(uffd, client.address(), PAGES * PAGE)).isZero();
        awaitFault(3);
        server.fill((byte) 1);
        assertThat(Userfaultfd.resume(uffd, client.address() + 3 * PAGE, PAGE, true)).isZero();
        store.get(10, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("a poisoned page is an error of the access")
    void poison() {
        CompletableFuture<Void> store = touch(2);
        awaitFault(2);
        assertThat(Userfaultfd.poison(uffd, client.address() + 2 * PAGE, PAGE)).isZero();
        assertThat(store).failsWithin(10, TimeUnit.SECONDS).withThrowableOfType(Exception.class)
                .withMessageContaining("madvise failed");
    }

    @Test
    @DisplayName("a poisoned page stays so when a hole is punched, until it was resumed in between")
    void punchPoisoned() throws Exception {
        server.fill((byte) 1);
        assertThat(Userfaultfd.poison(uffd, client.address(), 2 * PAGE)).isZero();
        Linux.punchHole(file, 0, PAGE);
        assertThat(touch(0)).failsWithin(10, TimeUnit.SECONDS);
        assertThat(Userfaultfd.resume(uffd, client.address() + PAGE, PAGE, false)).isZero();
        Linux.punchHole(file, PAGE, PAGE);
        CompletableFuture<Void> store = touch(1);
        awaitFault(1);
        server.set(JAVA_BYTE, PAGE, (byte) 9);
        assertThat(Userfaultfd.resume(uffd, client.address() + PAGE, PAGE, true)).isZero();
        store.get(10, TimeUnit.SECONDS);
    }
}
