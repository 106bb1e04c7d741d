package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NativeClientTest {
    @Test
    @DisplayName("a C program stores, persists, truncates and punches, and hears of the end at "
            + "once")
    void fromC() throws Exception {
        Needs.userfaultfd();
        assumeTrue(NativeClient.isAvailable(), "needs a C compiler, cc, and the kernel's headers");
        try (LocalServer local = new LocalServer()) {
            Child client = local.client();
            client.expect("ok", "open f /file");
            client.expect("ok", "truncate f 65536");
            client.expect("ok", "map f m SYNC 0 65536");
            client.expect("0", "get m 8");
            client.expect("ok", "put m 8 77");
            client.expect("ok", "persist m 8 8");
            Child other = local.client();
            other.expect("ok", "open f /file READ");
            other.expect("ok", "map f m READ_ONLY 0 65536");
            other.expect("77", "get m 8");
            client.expect("ok", "truncate f 8192");
            other.expect("bus error", "get m 8192");
            client.expect("ok", "truncate f 65536");
            other.expect("0", "get m 8192");
            client.expect("ok", "put m 40960 5");
            other.expect("5", "get m 40960");
            client.expect("ok", "punch f 40960 4096");
            other.expect("0", "get m 40960");
            client.expect("ok", "fsync f");
            client.expect("ok", "unmap m");
            client.expect("65536", "size f");
            assertThat(other.ask("open g /none READ")).startsWith("2 /none: no such file");
            local.server().close();
            other.expect("bus error", "get m 8");
            assertThat(other.ask("size f")).startsWith("SHUT_DOWN");
        }
    }
}
