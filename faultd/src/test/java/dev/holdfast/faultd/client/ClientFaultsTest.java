package dev.holdfast.faultd.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ffm.Userfaultfd;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClientFaultsTest {
    @Test
    @DisplayName("features that a kernel lacks are said by name, all of them")
    void missing() {
        long old = Userfaultfd.FEATURE_MISSING_SHMEM;
        assertThat(ClientFaults.missing(old))
                .isEqualTo("minor faults on tmpfs, write protection on tmpfs, poison");
        long newer = old | Userfaultfd.FEATURE_MINOR_SHMEM | Userfaultfd.FEATURE_WP_FILES;
        assertThat(ClientFaults.missing(newer)).isEqualTo("poison");
        assertThat(ClientFaults.missing(newer | Userfaultfd.FEATURE_POISON)).isEmpty();
        assertThat(ClientFaults.missing(-1)).isEmpty();
    }
}
