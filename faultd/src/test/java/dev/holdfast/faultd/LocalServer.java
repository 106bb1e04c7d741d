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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server in the test's own process, over memory, with clients in processes of theirs. */
final class LocalServer implements AutoCloseable {
    private final Path folder = Files.createTempDirectory("holdfast-faultd");
    private final Path socket = folder.resolve("socket");
    private final DaxDevice device;
    private final Volume volume;
    private final FaultServer server;
    private final List<Child> clients = new ArrayList<>();

    LocalServer() throws IOException {
        this(MemfdDevice.create("served", 64L << 20), VolumeOptions.defaults());
    }

    LocalServer(DaxDevice device, VolumeOptions options) throws IOException {
        this.device = device;
        this.volume = Volume.create(device, options);
        this.server = FaultServer.open(
                volume, ListeningSocket.open(socket), ClientLedger.NONE).start();
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

    Path socket() {
        return socket;
    }

    /** Starts a client in Java. */
    Child javaClient() throws IOException {
        return adopt(Child.java(ClientMain.class, socket.toString()));
    }

    /** Starts a client in C where that can be. */
    Child client() throws IOException, InterruptedException {
        return adopt(NativeClient.startOrJava(socket));
    }

    private Child adopt(Child client) {
        clients.add(client);
        return client;
    }

    @Override
    public void close() throws IOException {
        for (Child client : clients) {
            client.close();
        }
        server.close();
        volume.close();
        try {
            assertThat(Volume.check(device).findings()).isEmpty();
        } finally {
            device.close();
            Files.deleteIfExists(socket);
            Files.delete(folder);
        }
    }
}
