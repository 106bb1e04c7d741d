package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A volume on tmpfs, a keeper that serves it, and clients; all of them processes of their own. */
final class KeptServer implements AutoCloseable {
    private final Path folder = Files.createTempDirectory(Path.of("/dev/shm"), "holdfast-keeper");
    private final Path file = folder.resolve("volume");
    private final Path socket = folder.resolve("socket");
    private final Child keeper;
    private final List<Child> clients = new ArrayList<>();

    KeptServer(int restarts) throws IOException {
        Volume.create(file, 64L << 20).close();
        keeper = Child.java(OwnerMain.class, "keeper", file.toString(), socket.toString(),
                Integer.toString(restarts));
        assertThat(keeper.answer()).isEqualTo("serving");
    }

    Path file() {
        return file;
    }

    Child keeper() {
        return keeper;
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

    /** Returns the process that owns the volume now. */
    ProcessHandle worker() throws IOException {
        while (true) {
            var worker = ProcessHandle.of(Long.parseLong(keeper.ask("worker")));
            if (worker.isPresent()) {
                return worker.get();
            }
        }
    }

    /** Lets the owner do nothing more, not even die. */
    static void stop(ProcessHandle process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start()
                .waitFor()).isZero();
    }

    static void kill(ProcessHandle process) {
        process.destroyForcibly();
    }

    /** Ends everything in good order, and checks the volume. */
    @Override
    public void close() throws IOException {
        try {
            clients.forEach(Child::close);
            keeper.close();
            assertThat(Volume.check(file).findings()).isEmpty();
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(socket);
            Files.delete(folder);
        }
    }
}
