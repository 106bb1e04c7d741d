package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.VolumeOptions;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.Protocol;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.Userfaultfd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Peers that do what no client should, in this process: the server is beside them and must not
 * mind. After each test it serves an honest client, and has let go of all that the others brought.
 */
class HostileClientTest {
    private static final long PAGE = 4096;
    private static final int CLIENTS_MAX = 256;
    private static final int STRANGERS_MAX = 64;

    private final LedgerBook ledger = new LedgerBook();
    private LocalServer local;
    private int userfaultfd;
    private long descriptorsBefore;

    @BeforeEach
    void start() throws Exception {
        Needs.userfaultfd();
        local = new LocalServer(
                MemfdDevice.create("served", 64L << 20), VolumeOptions.defaults(), ledger);
        local.volume().createFile("/file").close();
        userfaultfd = Userfaultfd.openForUserMode();
        Userfaultfd.agree(userfaultfd, 0);
        // What is opened once, at the first use, is open now.
        greeted().close();
        Await.until(() -> local.server().clients() == 0);
        descriptorsBefore = descriptors();
    }

    @AfterEach
    void honestClientsAreServed() throws Exception {
        if (local == null) {
            return;
        }
        Await.until(() -> local.server().clients() == 0);
        Await.until(() -> descriptors() <= descriptorsBefore);
        assertThat(ledger.clients()).isEmpty();
        Child client = local.client();
        client.expect("ok", "open f /file");
        client.expect("ok", "truncate f 8192");
        client.expect("ok", "map f m SYNC 0 8192");
        client.expect("ok", "put m 4096 5");
        Linux.close(userfaultfd);
        local.close();
    }

    private static long descriptors() {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private RawPeer greeted() throws IOException {
        return RawPeer.greeted(local.socket(), userfaultfd);
    }

    private static void map(RawPeer peer, long mapping, int mode) throws IOException {
        peer.request(MessageType.MAP).putLong(mapping).putLong(1).putLong(0).putLong(PAGE)
                .putInt(mode);
    }

    private static void open(RawPeer peer, int flags) throws IOException {
        peer.request(MessageType.OPEN).putLong(1).putInt(flags).putInt(0).putText("/file");
        assertThat(peer.ask()).isZero();
    }

    private void expectRefusedGreeting(int version, int... descriptors) throws IOException {
        try (RawPeer peer = new RawPeer(local.socket())) {
            peer.hello(version, descriptors);
            assertThat(peer.isCutOff()).isTrue();
        }
    }

    @Test
    @DisplayName("a greeting without a non-blocking userfaultfd, or of another version, is not "
            + "answered")
    void greetings() throws Exception {
        int file = Linux.memfdCreate("no userfaultfd");
        int blocking = Userfaultfd.openForUserMode();
        DescriptorFlags.setBlocking(blocking);
        expectRefusedGreeting(Protocol.VERSION);
        expectRefusedGreeting(Protocol.VERSION, file);
        expectRefusedGreeting(Protocol.VERSION, blocking);
        expectRefusedGreeting(99, userfaultfd);
        expectRefusedGreeting(99, file, file, file, userfaultfd);
        try (RawPeer peer = new RawPeer(local.socket())) {
            peer.request(MessageType.STAT).putLong(1);
            peer.flood();
            assertThat(peer.isCutOff()).isTrue();
        }
        Linux.close(file);
        Linux.close(blocking);
    }

    @Test
    @DisplayName("requests for what is not the client's are refused, and it may go on")
    void refusals() throws Exception {
        try (RawPeer peer = greeted()) {
            open(peer, 0);
            peer.request(MessageType.TRUNCATE).putLong(1).putLong(0);
            assertThat(peer.ask()).as("open for reading").isEqualTo(
                    ErrorCode.ACCESS_DENIED.errno());
            map(peer, 1, Protocol.MAP_SYNC);
            assertThat(peer.ask()).isEqualTo(ErrorCode.ACCESS_DENIED.errno());
            peer.request(MessageType.STAT).putLong(2);
            assertThat(peer.ask()).isEqualTo(ErrorCode.INVALID.errno());
            peer.request(MessageType.MAP).putLong(1).putLong(1).putLong(0)
                    .putLong(Long.MAX_VALUE).putInt(Protocol.MAP_READ_ONLY);
            assertThat(peer.ask()).isEqualTo(ErrorCode.INVALID.errno());
            peer.request(MessageType.OPEN).putLong(2).putInt(0).putInt(0).putText("/../../etc");
            assertThat(peer.ask()).isEqualTo(ErrorCode.NOT_FOUND.errno());
            map(peer, 9, Protocol.MAP_READ_ONLY);
            assertThat(peer.ask()).isZero();
            Linux.close(peer.answer().takeDescriptor());
            map(peer, 8, Protocol.MAP_READ_ONLY);
            assertThat(peer.ask()).isZero();
            for (long address : new long[] {-4096, 1, 0, Long.MAX_VALUE & -4096}) {
                peer.request(MessageType.ATTACH).putLong(9).putLong(address);
                assertThat(peer.ask()).as("address "
                        + address).isEqualTo(ErrorCode.INVALID.errno());
            }
            peer.request(MessageType.ATTACH).putLong(9).putLong(1L << 40);
            assertThat(peer.ask()).isZero();
            peer.request(MessageType.ATTACH).putLong(8).putLong(1L << 40);
            assertThat(peer.ask()).as("taken").isEqualTo(ErrorCode.INVALID.errno());
            peer.request(MessageType.FSYNC).putLong(1).putInt(0);
            assertThat(peer.ask()).as("nothing is mapped there").isZero();
            peer.request(MessageType.RUNS).putLong(9).putLong(Long.MAX_VALUE);
            assertThat(peer.ask()).isEqualTo(ErrorCode.INVALID.errno());
        }
    }

    @Test
    @DisplayName("descriptors where none belong are closed, and the request is served")
    void descriptorsWhereNoneBelong() throws Exception {
        int[] files = new int[8];
        for (int i = 0; i < files.length; i++) {
            files[i] = Linux.memfdCreate("unwanted");
        }
        try (RawPeer peer = greeted()) {
            open(peer, 0);
            long before = descriptors();
            for (int i = 0; i < 20; i++) {
                peer.request(MessageType.STAT).putLong(1);
                assertThat(peer.ask(files)).isZero();
            }
            assertThat(descriptors()).isEqualTo(before);
        }
        for (int file : files) {
            Linux.close(file);
        }
    }

    @Test
    @DisplayName("connections that say nothing take no room from those that do")
    void strangers() throws Exception {
        List<RawPeer> silent = new ArrayList<>();
        for (int i = 0; i < 3 * STRANGERS_MAX; i++) {
            silent.add(new RawPeer(local.socket()));
        }
        greeted().close();
        for (RawPeer early : silent.subList(0, 2 * STRANGERS_MAX)) {
            assertThat(early.isCutOff()).isTrue();
        }
        silent.forEach(RawPeer::close);
    }

    @Test
    @DisplayName("more clients than a server takes are refused, until others have left")
    void tooMany() throws Exception {
        List<RawPeer> many = new ArrayList<>();
        for (int i = 0; i < CLIENTS_MAX; i++) {
            many.add(greeted());
        }
        Await.until(() -> local.server().clients() == CLIENTS_MAX);
        try (RawPeer one = new RawPeer(local.socket())) {
            assertThat(one.isCutOff()).isTrue();
        }
        many.forEach(RawPeer::close);
    }

    @Test
    @DisplayName("a client that reads no answers keeps nobody else waiting, nor the end of the "
            + "server")
    void readsNothing() throws Exception {
        RawPeer deaf = greeted();
        open(deaf, Protocol.OPEN_WRITE);
        map(deaf, 1, Protocol.MAP_SYNC);
        assertThat(deaf.ask()).isZero();
        Linux.close(deaf.answer().takeDescriptor());
        deaf.request(MessageType.STAT).putLong(1);
        deaf.flood();
        try (RawPeer other = greeted()) {
            open(other, Protocol.OPEN_WRITE);
            other.request(MessageType.TRUNCATE).putLong(1).putLong(PAGE);
            assertThat(other.ask()).isZero();
            other.request(MessageType.FSYNC).putLong(1).putInt(0);
            assertThat(other.ask()).isZero();
        }
        deaf.close();
    }

    @Test
    @DisplayName("a client that has gone when it is greeted leaves nothing behind")
    void goneAtOnce() throws Exception {
        for (int i = 0; i < 50; i++) {
            try (RawPeer peer = new RawPeer(local.socket())) {
                peer.hello(Protocol.VERSION, userfaultfd);
            }
        }
    }

    @Test
    @DisplayName("a userfaultfd that has agreed on nothing ends the connection")
    void notAgreed() throws Exception {
        int raw = Userfaultfd.openForUserMode();
        try (RawPeer peer = new RawPeer(local.socket())) {
            peer.hello(Protocol.VERSION, raw);
            while (!peer.isCutOff()) {
                assertThat(peer.answer().type()).isEqualTo(MessageType.HELLO);
            }
        }
        Linux.close(raw);
    }

    @Test
    @DisplayName("a client that makes its userfaultfd block is let go of all the same")
    void madeBlocking() throws Exception {
        int own = Userfaultfd.openForUserMode();
        Userfaultfd.agree(own, 0);
        long reserved = local.volume().space().availableBytes();
        try (RawPeer peer = RawPeer.greeted(local.socket(), own)) {
            open(peer, Protocol.OPEN_WRITE);
            map(peer, 1, Protocol.MAP_SYNC);
            assertThat(peer.ask()).isZero();
            Linux.close(peer.answer().takeDescriptor());
            assertThat(local.volume().space().availableBytes()).isLessThan(reserved);
            DescriptorFlags.setBlocking(own);
        }
        Await.until(() -> ledger.clients().isEmpty());
        assertThat(local.volume().space().availableBytes()).isEqualTo(reserved);
        DescriptorFlags.setNonBlocking(own);
        Linux.close(own);
    }

    @Test
    @DisplayName("a client that unmaps or closes what its mapping needs harms itself alone")
    void takesItsMappingApart() throws Exception {
        int own = Userfaultfd.openForUserMode();
        Userfaultfd.agree(own, 0);
        try (RawPeer peer = RawPeer.greeted(local.socket(), own); RawPeer other = greeted()) {
            open(peer, Protocol.OPEN_WRITE);
            peer.request(MessageType.TRUNCATE).putLong(1).putLong(PAGE);
            assertThat(peer.ask()).isZero();
            map(peer, 1, Protocol.MAP_SYNC);
            assertThat(peer.ask()).isZero();
            int device = peer.answer().takeDescriptor();
            long at = Linux.mmap(0, PAGE, Linux.PROT_READ, Linux.MAP_SHARED, device, 0);
            peer.request(MessageType.ATTACH).putLong(1).putLong(at);
            assertThat(peer.ask()).as("registered with nobody").isZero();
            open(other, Protocol.OPEN_WRITE);
            for (int step = 0; step < 3; step++) {
                other.request(MessageType.FSYNC).putLong(1).putInt(0);
                assertThat(other.ask()).as("step " + step).isZero();
                other.request(MessageType.TRUNCATE).putLong(1).putLong(step % 2 * PAGE);
                assertThat(other.ask()).as("step " + step).isZero();
                if (step == 0) {
                    Linux.munmap(at, PAGE);
                } else if (step == 1) {
                    Linux.close(own);
                }
            }
            Linux.close(device);
        }
    }
}
