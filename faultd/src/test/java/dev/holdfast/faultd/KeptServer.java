package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import java.io.IOException;
import java.nio.file.Path;

/** A volume on tmpfs, a keeper that serves it, and clients; all of them processes of their own. */
final class KeptServer extends ServerFixture {
    private final Path file = folder().resolve("volume");
    private final Child keeper;

    KeptServer(int restarts) throws IOException {
        super(Path.of("/dev/shm"));
        Volume.create(file, 16L << 20).close();
        keeper = Child.java(OwnerMain.class, "keeper", file.toString(), socket().toString(),
                Integer.toString(restarts));
        assertThat(keeper.answer()).isEqualTo("serving");
    }

    Path file() {
        return file;
    }

    Child keeper() {
        return keeper;
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

    @Override
    void end() throws IOException {
        keeper.close();
        assertThat(Volume.check(file).findings()).isEmpty();
    }
}
