package dev.holdfast.faultd;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What clients see, and what the volume has then; each client is a process of its own. */
class ServedFileTest {
    private static final long PAGE = 4096;
    private static final long PAGES = 16;

    private LocalServer local;
    private Child client;

    @BeforeEach
    void start() throws Exception {
        Needs.userfaultfd();
        local = new LocalServer();
        begin(local.client());
    }

    private void begin(Child newClient) throws Exception {
        client = newClient;
        client.expect("ok", "open f /file");
        client.expect("ok", "truncate f " + PAGES * PAGE);
    }

    @AfterEach
    void stop() throws Exception {
        if (local != null) {
            local.close();
        }
    }

    private Child anotherClient() throws Exception {
        Child other = local.client();
        other.expect("ok", "open f /file WRITE");
        return other;
    }

    private long inFile(long offset) throws Exception {
        try (DaxFile file = local.volume().openFile("/file")) {
            ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            file.read(bytes, offset);
            return bytes.getLong(0);
        }
    }

    private void write(long offset, long value) throws Exception {
        try (DaxFile file = local.volume().openFile("/file")) {
            file.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value),
                    offset);
        }
    }

    private void map(Child who, String mode) throws Exception {
        who.expect("ok", "map f m " + mode + " 0 " + PAGES * PAGE);
    }

    @Test
    @DisplayName("P1 S5 a store to a hole through a sync mapping finds its block allocated")
    void storeToHole() throws Exception {
        begin(local.javaClient());
        map(client, "SYNC");
        client.expect("0", "get m 4096");
        assertThat(local.volume().stat("/file").blocks()).isZero();
        client.expect("ok", "put m 4096 77");
        assertThat(local.volume().stat("/file").blocks()).isPositive();
        client.expect("77", "get m 4096");
        assertThat(inFile(PAGE)).isEqualTo(77);
        client.expect("ok", "persist m 4096 8");
        assertThat(local.server().faultsServed()).isPositive();
        client.expect("ok", "unmap m");
        assertThat(inFile(PAGE)).isEqualTo(77);
    }

    @Test
    @DisplayName("R9 two processes and the owner see one another's stores and writes")
    void coherent() throws Exception {
        Child other = anotherClient();
        map(client, "SHARED");
        map(other, "READ_ONLY");
        other.expect("0", "get m 0");
        client.expect("ok", "put m 0 1");
        other.expect("1", "get m 0");
        write(8, 2);
        client.expect("2", "get m 8");
        other.expect("2", "get m 8");
        write(5 * PAGE, 3);
        other.expect("3", "get m " + 5 * PAGE);
        client.expect("ok", "put m " + 5 * PAGE + " 4");
        try (DaxFile file = local.volume().openFile("/file");
                Mapping mapping = file.map(MapMode.SYNC, 0, PAGES * PAGE);
                Arena arena = Arena.ofConfined()) {
            var memory = mapping.writable(5 * PAGE, 8, arena);
            assertThat(memory.get(JAVA_LONG, 0)).isEqualTo(4);
            memory.set(JAVA_LONG, 0, 5);
        }
        client.expect("5", "get m " + 5 * PAGE);
    }

    @Test
    @DisplayName("P7 Z1 what a truncate cuts off is a bus error in every process, and zero when it "
            + "is back")
    void truncate() throws Exception {
        begin(local.javaClient());
        Child other = anotherClient();
        map(client, "SYNC");
        map(other, "SHARED");
        for (long page : new long[] {1, 7, 8, 15}) {
            client.expect("ok", "put m " + page * PAGE + " 9");
            other.expect("9", "get m " + page * PAGE);
        }
        other.expect("ok", "truncate f " + (7 * PAGE + 100));
        client.expect("9", "get m " + 7 * PAGE);
        client.expect("0", "get m " + (7 * PAGE + 4088));
        client.expect("bus error", "get m " + 8 * PAGE);
        other.expect("bus error", "put m " + 15 * PAGE + " 1");
        other.expect("bus error", "get m " + 8 * PAGE);
        client.expect("ok", "truncate f " + PAGES * PAGE);
        other.expect("0", "get m " + 8 * PAGE);
        client.expect("0", "get m " + 8 * PAGE);
        other.expect("ok", "put m " + 15 * PAGE + " 4");
        client.expect("4", "get m " + 15 * PAGE);
        client.expect("9", "get m " + PAGE);
        assertThat(inFile(15 * PAGE)).isEqualTo(4);
    }

    @Test
    @DisplayName("a punched range reads as zero in every process, and can be stored to again")
    void punch() throws Exception {
        Child other = anotherClient();
        map(client, "SYNC");
        map(other, "SYNC");
        for (long page = 0; page < 4; page++) {
            client.expect("ok", "put m " + page * PAGE + " 5");
            other.expect("5", "get m " + page * PAGE);
        }
        other.expect("ok", "punch f " + PAGE + " " + 2 * PAGE);
        client.expect("5", "get m 0");
        client.expect("0", "get m " + PAGE);
        client.expect("ok", "put m " + 2 * PAGE + " 6");
        other.expect("0", "get m " + PAGE);
        other.expect("6", "get m " + 2 * PAGE);
        other.expect("5", "get m " + 3 * PAGE);
        assertThat(inFile(2 * PAGE)).isEqualTo(6);
    }

    @Test
    @DisplayName("a client that is killed leaves nothing behind but what it stored")
    void kill() throws Exception {
        long free = local.volume().space().availableBytes();
        map(client, "SYNC");
        client.expect("ok", "put m 0 1");
        assertThat(local.volume().space().availableBytes()).isLessThan(free);
        client.kill();
        Await.until(() -> local.server().clients() == 0);
        local.volume().sync();
        assertThat(local.volume().space().availableBytes())
                .isBetween(free - 64 * PAGE, free - PAGE);
        assertThat(inFile(0)).isEqualTo(1);
        local.volume().unlink("/file");
        local.volume().createFile("/file").close();
        Child other = anotherClient();
        other.expect("ok", "truncate f " + PAGES * PAGE);
        map(other, "SYNC");
        other.expect("0", "get m 0");
    }

    @Test
    @DisplayName("every client and write() use one reservation, and what is unused of it comes "
            + "back")
    void reservation() throws Exception {
        long free = local.volume().space().availableBytes();
        map(client, "SYNC");
        assertThat(local.volume().space().availableBytes()).isEqualTo(free - PAGES * PAGE);
        Child other = anotherClient();
        map(other, "SHARED");
        assertThat(local.volume().space().availableBytes()).isEqualTo(free - PAGES * PAGE);
        other.expect("ok", "put m 0 1");
        write(PAGE, 2);
        client.expect("2", "get m " + PAGE);
        other.expect("ok", "unmap m");
        assertThat(local.volume().space().availableBytes()).isLessThanOrEqualTo(free - PAGES
                * PAGE);
        client.expect("ok", "unmap m");
        assertThat(local.volume().stat("/file").blocks()).isEqualTo(2);
        assertThat(local.volume().space().availableBytes()).isEqualTo(free - 2 * PAGE);
        map(other, "SYNC");
        assertThat(local.volume().space().availableBytes()).isEqualTo(free - PAGES * PAGE);
        other.close();
        Await.until(() -> local.volume().space().availableBytes() == free - 2 * PAGE);
    }

    @Test
    @DisplayName("sequential stores through real faults: up to 64 pages a fault, and one record "
            + "for them")
    void mapAhead() throws Exception {
        int pages = 1024;
        client.expect("ok", "truncate f " + pages * PAGE);
        client.expect("ok", "map f m SYNC 0 " + pages * PAGE);
        for (long page = 0; page < pages; page++) {
            client.expect("ok", "put m " + page * PAGE + " " + page);
        }
        assertThat(local.server().faultsServed()).isLessThan(pages / 16);
        assertThat(local.volume().faults().byKind().get("AHEAD")).isGreaterThan(pages * 15L / 16);
        client.expect("1023", "get m " + 1023 * PAGE);
    }

    @Test
    @DisplayName("lack of space is an error of map, and never of a store")
    void noSpace() throws Exception {
        client.expect("ok", "truncate f " + (1L << 30));
        begin(local.javaClient());
        assertThat(client.ask("map f m SYNC 0 " + (60L << 20))).startsWith("NO_SPACE");
        client.expect("ok", "map f m SYNC 0 " + (16L << 20));
        client.expect("ok", "put m 0 1");
        assertThat(client.ask("map f n PRIVATE 0 4096")).startsWith("NOT_SUPPORTED");
        assertThat(client.ask("map f n SYNC 1 4096")).startsWith("INVALID");
    }

    @Test
    @DisplayName("an unlinked file stays as long as it is mapped")
    void unlinked() throws Exception {
        map(client, "SYNC");
        client.expect("ok", "close f");
        local.volume().unlink("/file");
        client.expect("ok", "put m 0 8");
        client.expect("8", "get m 0");
        client.expect("ok", "unmap m");
        local.volume().sync();
        assertThat(local.volume().list("/")).isEmpty();
    }

    @Test
    @DisplayName("a server that ends lets its clients go: accesses are bus errors, requests are "
            + "refused")
    void end() throws Exception {
        begin(local.javaClient());
        map(client, "SYNC");
        client.expect("ok", "put m 0 8");
        local.server().close();
        client.expect("bus error", "put m 0 9");
        client.expect("bus error", "get m 4096");
        assertThat(client.ask("size f")).startsWith("SHUT_DOWN");
        assertThat(inFile(0)).isEqualTo(8);
    }
}
