package dev.holdfast.faultd.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ffm.UnixSocket.Peer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PeerRightsTest {
    private static boolean isGranted(int user, int group, int[] groups, int mode, int wanted) {
        Peer peer = new Peer(1, user, group, groups);
        return new PeerRights(null, peer).isGranted(mode, 1000, 100, wanted);
    }

    @Test
    @DisplayName("the owner's bits decide for the owner, also where others may more")
    void owner() {
        assertThat(isGranted(1000, 5, new int[0], 0600, 6)).isTrue();
        assertThat(isGranted(1000, 100, new int[0], 0477, 2)).isFalse();
    }

    @Test
    @DisplayName("the group's bits decide for its members, by any of their groups")
    void group() {
        assertThat(isGranted(1, 100, new int[0], 0040, 4)).isTrue();
        assertThat(isGranted(1, 7, new int[] {8, 100}, 0040, 4)).isTrue();
        assertThat(isGranted(1, 7, new int[] {8, 100}, 0047, 2)).isFalse();
    }

    @Test
    @DisplayName("the rest decides for everybody else, and nothing stops user 0")
    void others() {
        assertThat(isGranted(1, 7, new int[0], 0664, 4)).isTrue();
        assertThat(isGranted(1, 7, new int[0], 0664, 2)).isFalse();
        assertThat(isGranted(0, 7, new int[0], 0, 6)).isTrue();
    }
}
