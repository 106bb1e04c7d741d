package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KeeperTest {
    private static final long PAGE = 4096;

    /** Returns a client that maps 64 pages of a file, and has stored to the first. */
    private static Child clientThatStored(KeptServer kept) throws Exception {
        Child client = kept.javaClient();
        client.expect("ok", "open f /file");
        client.expect("ok", "truncate f " + 64 * PAGE);
        client.expect("ok", "map f m SYNC 0 " + 64 * PAGE);
        client.expect("ok", "put m 0 1");
        return client;
    }

    @Test
    @DisplayName("the owner dies while one thread faults and another forces a collection: both go "
            + "on")
    void ownerDies() throws Exception {
        Needs.userfaultfd();
        try (KeptServer kept = new KeptServer(5)) {
            Child client = clientThatStored(kept);
            client.expect("0", "get m " + 3 * PAGE);
            Child other = kept.client();
            other.expect("ok", "open f /file WRITE");
            other.expect("ok", "map f m SHARED 0 " + 64 * PAGE);
            other.expect("ok", "put m " + PAGE + " 2");

            ProcessHandle worker = kept.worker();
            KeptServer.stop(worker);
            client.tell("background put m " + 40 * PAGE + " 7");
            client.tell("background collect");
            other.tell("size f");
            KeptServer.kill(worker);

            assertThat(List.of(client.answer(), client.answer()))
                    .containsExactlyInAnyOrder("ok", "collected");
            assertThat(other.answer()).isEqualTo(Long.toString(64 * PAGE));
            assertThat(kept.worker().pid()).isNotEqualTo(worker.pid());
            other.expect("7", "get m " + 40 * PAGE);
            other.expect("ok", "put m " + PAGE + " 3");
            client.expect("3", "get m " + PAGE);
            client.expect("ok", "put m " + 3 * PAGE + " 4");
            client.expect("1", "get m 0");
            client.expect("ok", "put m 8 5");
            other.expect("ok", "fsync f");
            client.expect("ok", "truncate f " + 50 * PAGE);
            other.expect("bus error", "get m " + 60 * PAGE);
            KeptServer.kill(kept.worker());
            // A page that stands for a bus error, and one whose first access waits for the next
            // owner.
            other.expect("bus error", "get m " + 60 * PAGE);
            other.expect("bus error", "get m " + 55 * PAGE);
            client.expect("ok", "truncate f " + 61 * PAGE);
            other.expect("0", "get m " + 55 * PAGE);
            other.expect("0", "get m " + 60 * PAGE);
            other.expect("bus error", "get m " + 61 * PAGE);
            client.expect("ok", "truncate f " + 4 * PAGE);
            other.expect("bus error", "get m " + 40 * PAGE);
            other.expect("4", "get m " + 3 * PAGE);
            client.expect("ok", "unmap m");
            client.close();
            other.close();
            kept.keeper().close();
            try (Volume volume = Volume.open(kept.file(), VolumeOptions.defaults());
                    DaxFile file = volume.openFile("/file")) {
                assertThat(file.size()).isEqualTo(4 * PAGE);
                ByteBuffer bytes =
                        ByteBuffer.allocate((int) (4 * PAGE)).order(ByteOrder.LITTLE_ENDIAN);
                file.read(bytes, 0);
                assertThat(bytes.getLong(0)).isEqualTo(1);
                assertThat(bytes.getLong(8)).isEqualTo(5);
                assertThat(bytes.getLong((int) PAGE)).isEqualTo(3);
                assertThat(bytes.getLong((int) (3 * PAGE))).isEqualTo(4);
                assertThat(volume.space().reservedBytes()).isZero();
            }
        }
    }

    @Test
    @DisplayName("when owners die too often, accesses are bus errors and no store gets through")
    void givesUp() throws Exception {
        Needs.userfaultfd();
        try (KeptServer kept = new KeptServer(0)) {
            Child client = clientThatStored(kept);
            Child other = kept.client();
            other.expect("ok", "open f /file WRITE");
            other.expect("ok", "map f m SYNC 0 " + 64 * PAGE);
            other.expect("1", "get m 0");
            KeptServer.kill(kept.worker());
            assertThat(kept.keeper().answer()).isEqualTo("GAVE_UP 137");
            for (Child left : List.of(client, other)) {
                left.expect("bus error", "put m " + 5 * PAGE + " 1");
                left.expect("bus error", "put m 0 2");
                left.expect("bus error", "get m 0");
                assertThat(left.ask("size f")).startsWith("SHUT_DOWN");
            }
            try (Volume volume = Volume.open(kept.file(), VolumeOptions.defaults());
                    DaxFile file = volume.openFile("/file")) {
                ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
                file.read(bytes, 0);
                assertThat(bytes.getLong(0)).isEqualTo(1);
            }
        }
    }

    @Test
    @DisplayName("when the keeper dies too, the owner lets clients go and closes the volume")
    void keeperDies() throws Exception {
        Needs.userfaultfd();
        try (KeptServer kept = new KeptServer(5)) {
            Child client = kept.client();
            client.expect("ok", "open f /file");
            client.expect("ok", "truncate f " + PAGE);
            client.expect("ok", "map f m SYNC 0 " + PAGE);
            client.expect("ok", "put m 0 1");
            ProcessHandle worker = kept.worker();
            kept.keeper().kill();
            worker.onExit().get(30, TimeUnit.SECONDS);
            client.expect("bus error", "put m 0 2");
        }
    }
}
