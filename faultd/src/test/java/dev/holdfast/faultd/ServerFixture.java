package dev.holdfast.faultd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the servers of tests share: a folder with a socket, and clients in processes of their own.
 */
abstract class ServerFixture implements AutoCloseable {
    private final Path folder;
    private final Path socket;
    private final List<Child> clients = new ArrayList<>();

    /** Makes a folder in another. */
    ServerFixture(Path parent) throws IOException {
        folder = Files.createTempDirectory(parent, "holdfast-faultd");
        socket = folder.resolve("socket");
    }

    final Path folder() {
        return folder;
    }

    final Path socket() {
        return socket;
    }

    /** Starts a client in Java. */
    final Child javaClient() throws IOException {
        return adopt(Child.java(ClientMain.class, socket.toString()));
    }

    /** Starts a client in C where that can be: it costs less. */
    final Child client() throws IOException, InterruptedException {
        return adopt(NativeClient.startOrJava(socket));
    }

    private Child adopt(Child client) {
        clients.add(client);
        return client;
    }

    /** Ends the server in good order, and checks the volume. */
    abstract void end() throws IOException;

    /** Ends clients and server, and checks the volume. */
    @Override
    public final void close() throws IOException {
        try {
            clients.forEach(Child::close);
            end();
        } finally {
            try (var left = Files.list(folder)) {
                for (Path file : left.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }
}
