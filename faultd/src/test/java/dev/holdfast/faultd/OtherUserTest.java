package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.DaxFile;
import dev.holdfast.faultd.client.FaultClient;
import dev.holdfast.file.AttributeChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Clients of a user without privilege: what they may open, and what the system has to grant them.
 * Each runs with a /dev/userfaultfd of its own, so that nothing of the system is changed.
 */
class OtherUserTest {
    private static final int NOBODY = 65534;

    private LocalServer local;

    @BeforeEach
    void start() throws Exception {
        Needs.userfaultfd();
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
                "needs to be root, to become another user");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv"))
                && Files.isExecutable(Path.of("/usr/bin/unshare"))
                && Files.exists(Path.of("/dev/userfaultfd")),
                "needs setpriv, unshare and /dev/userfaultfd");
        assumeTrue(NativeClient.isAvailable(), "needs a C compiler, cc, and the kernel's headers");
        local = new LocalServer();
        permit(local.folder(), "rwxr-xr-x");
        permit(local.socket(), "rw-rw-rw-");
    }

    @AfterEach
    void stop() throws Exception {
        if (local != null) {
            local.close();
        }
    }

    private static void permit(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    /**
     * Returns a command that runs another as nobody, with a device node of a mode of the test's
     * choice.
     */
    private List<String> asNobody(String nodeMode, List<String> command) throws IOException {
        Path place = Files.createDirectories(local.folder().resolve("device"));
        List<String> line = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c",
                "mount -t tmpfs none \"$0\" && cp -a /dev/userfaultfd \"$0/node\""
                + " && chmod " + nodeMode
                + " \"$0/node\" && mount --bind \"$0/node\" /dev/userfaultfd"
                + " && exec setpriv --reuid=" + NOBODY + " --regid=" + NOBODY
                + " --clear-groups \"$@\"", place.toString()));
        line.addAll(command);
        return line;
    }

    private List<String> javaClient() throws Exception {
        for (Class<?> needed : List.of(ClientMain.class, FaultClient.class, DaxFile.class)) {
            Path place = Path.of(needed.getProtectionDomain().getCodeSource().getLocation()
                    .toURI());
            assumeTrue(new ProcessBuilder(asNobody("600", List.of("test", "-r", place.toString())))
                    .start().waitFor() == 0, "needs " + place + " to be readable for every user");
        }
        List<String> command = Child.command(List.of(), ClientMain.class);
        command.add(local.socket().toString());
        return command;
    }

    private List<String> nativeClient() throws Exception {
        return List.of(NativeClient.program().toString(), local.socket().toString());
    }

    private static List<String> withoutTheCall(List<String> command) throws Exception {
        List<String> line = new ArrayList<>(List.of(NativeClient.compiled(NativeClient.examples()
                .resolve("../faultd/src/test/c/without-userfaultfd.c")).toString()));
        line.addAll(command);
        return line;
    }

    /** Makes a file or directory that somebody owns. */
    private void make(String path, boolean isDirectory, int mode, int owner) throws IOException {
        if (isDirectory) {
            local.volume().createDirectory(path);
        } else {
            try (DaxFile file = local.volume().createFile(path)) {
                file.truncate(1 << 20);
            }
        }
        local.volume().setAttributes(path, new AttributeChange().mode(mode).uid(owner));
    }

    @Test
    @DisplayName("modes of files and directories decide by the user who connected")
    void modes() throws Exception {
        make("/readable", false, 0644, 0);
        make("/secret", false, 0600, 0);
        make("/own", false, 0600, NOBODY);
        make("/closed", true, 0700, 0);
        make("/closed/file", false, 0666, 0);
        make("/ours", true, 0755, NOBODY);
        local.volume().createSymbolicLink("/ours/link", "/closed/file");
        try (Child client = Child.start(asNobody("600", nativeClient()))) {
            String denied = "13 ";
            assertThat(client.ask("open s /secret READ")).startsWith(denied).contains("65534",
                    "600");
            assertThat(client.ask("open s /readable")).startsWith(denied);
            assertThat(client.ask("open s /closed/file")).startsWith(denied);
            assertThat(client.ask("open s /ours/link READ")).startsWith(denied);
            assertThat(client.ask("open s /new")).startsWith(denied);
            client.expect("ok", "open r /readable READ");
            assertThat(client.ask("truncate r 0")).startsWith(denied);
            assertThat(client.ask("map r m SYNC 0 4096")).startsWith(denied);
            client.expect("ok", "map r m READ_ONLY 0 4096");
            client.expect("0", "get m 0");
            client.expect("ok", "open o /own");
            client.expect("ok", "map o n SYNC 0 4096");
            client.expect("ok", "put n 0 1");
            client.expect("ok", "open w /ours/new");
        }
        assertThat(local.volume().stat("/ours/new").uid()).isEqualTo(NOBODY);
        assertThat(local.volume().stat("/ours/new").gid()).isEqualTo(NOBODY);
    }

    @Test
    @DisplayName("a user without privilege has faults of user mode served, and is told that this "
            + "is all")
    void userModeOnly() throws Exception {
        assumeTrue(Files.readString(Path.of("/proc/sys/vm/unprivileged_userfaultfd")).strip()
                .equals("0"), "needs vm.unprivileged_userfaultfd=0");
        make("/file", false, 0666, 0);
        try (Child client = Child.start(asNobody("600", javaClient()))) {
            client.expect("user mode", "serves");
            client.expect("ok", "open f /file WRITE");
            client.expect("ok", "map f m SYNC 0 " + (1 << 20));
            assertThat(client.ask("send m 4096")).contains("Bad address");
            client.expect("ok", "put m 4096 7");
            client.expect("ok", "send m 4096");
        }
        Process inC = new ProcessBuilder(asNobody("600", nativeClient())).start();
        inC.outputWriter().close();
        assertThat(new String(inC.getErrorStream().readAllBytes()))
                .startsWith("note: page faults inside system calls are not served");
    }

    @Test
    @DisplayName("where a filter forbids userfaultfd, clients say what to grant, and then they are "
            + "served")
    void filtered() throws Exception {
        Process refused = new ProcessBuilder(asNobody("600", withoutTheCall(javaClient()))).start();
        assertThat(new String(refused.getErrorStream().readAllBytes()))
                .contains("may not use userfaultfd").contains("seccomp")
                .contains("pass /dev/userfaultfd in");
        Process inC = new ProcessBuilder(asNobody("600", withoutTheCall(nativeClient()))).start();
        assertThat(new String(inC.getErrorStream().readAllBytes()))
                .startsWith("userfaultfd: Operation not permitted").contains("seccomp")
                .contains("access to /dev/userfaultfd");
        assertThat(inC.waitFor()).isEqualTo(1);

        make("/file", false, 0666, 0);
        try (Child client = Child.start(asNobody("666", withoutTheCall(javaClient())))) {
            client.expect("system calls", "serves");
            client.expect("ok", "open f /file WRITE");
            client.expect("ok", "map f m SYNC 0 " + (1 << 20));
            client.expect("ok", "send m 4096");
        }
    }

    @Test
    @DisplayName("a socket that is not for this user is refused, and says so")
    void socketMode() throws Exception {
        permit(local.socket(), "rw-------");
        Process refused = new ProcessBuilder(asNobody("600", nativeClient())).start();
        assertThat(new String(refused.getErrorStream().readAllBytes()))
                .endsWith(local.socket() + ": Permission denied\n");
    }
}
