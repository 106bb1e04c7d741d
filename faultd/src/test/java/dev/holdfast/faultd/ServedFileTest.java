package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ServedFileTest {
    private static final long PAGE = 4096;

    private LocalServer local;
    private Child client;

    @BeforeEach
    void start() throws Exception {
        Needs.userfaultfd();
        local = new LocalServer();
        client = local.client();
        assertThat(client.ask("open f /file")).isEqualTo("ok");
        assertThat(client.ask("truncate f " + 16 * PAGE)).isEqualTo("ok");
    }

    @AfterEach
    void stop() throws Exception {
        if (local != null) {
            local.close();
        }
    }

    private long stored(long offset) throws Exception {
        try (DaxFile file = local.volume().openFile("/file")) {
            ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            file.read(bytes, offset);
            return bytes.getLong(0);
        }
    }

    @Test
    @DisplayName("P1 S5 a store to a hole allocates a block, durably in a sync mapping, and then happens")
    void storeToHole() throws Exception {
        assertThat(client.ask("map f m SYNC 0 " + 16 * PAGE)).isEqualTo("ok");
        assertThat(client.ask("get m 4096")).isEqualTo("0");
        assertThat(local.volume().stat("/file").blocks()).isZero();
        assertThat(client.ask("put m 4096 77")).isEqualTo("ok");
        assertThat(local.volume().stat("/file").blocks()).isPositive();
        assertThat(client.ask("get m 4096")).isEqualTo("77");
        assertThat(stored(4096)).isEqualTo(77);
        assertThat(client.ask("persist m 4096 8")).isEqualTo("ok");
        assertThat(local.server().faultsServed()).isPositive();
        assertThat(client.ask("unmap m")).isEqualTo("ok");
        assertThat(stored(4096)).isEqualTo(77);
    }
}
