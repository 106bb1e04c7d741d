package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.faultd.keeper.ListeningSocket;
import dev.holdfast.faultd.ledger.ClientLedger;
import dev.holdfast.faultd.server.FaultServer;
import java.io.IOException;
import java.nio.file.Path;

/** A server in the test's own process, over memory, with clients in processes of theirs. */
final class LocalServer extends ServerFixture {
    private final DaxDevice device;
    private final Volume volume;
    private final FaultServer server;

    LocalServer() throws IOException {
        this(MemfdDevice.create("served", 64L << 20), VolumeOptions.defaults());
    }

    LocalServer(DaxDevice device, VolumeOptions options) throws IOException {
        this(device, options, ClientLedger.NONE);
    }

    LocalServer(DaxDevice device, VolumeOptions options, ClientLedger ledger) throws IOException {
        super(Path.of(System.getProperty("java.io.tmpdir")));
        this.device = device;
        this.volume = Volume.create(device, options);
        this.server = FaultServer.open(volume, ListeningSocket.open(socket()), ledger).start();
    }

    Volume volume() {
        return volume;
    }

    DaxDevice device() {
        return device;
    }

    FaultServer server() {
        return server;
    }

    @Override
    void end() throws IOException {
        server.close();
        volume.close();
        try {
            assertThat(Volume.check(device).findings()).isEmpty();
        } finally {
            device.close();
        }
    }
}
