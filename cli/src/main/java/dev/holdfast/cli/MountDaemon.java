package dev.holdfast.cli;

import dev.holdfast.fuse.Daemon;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The process in the background that serves a mount: the same command line, run again.
 *
 * <ol>
 * <li>{@link #start}, in the process the user waits for, runs it and passes on what it says;
 * <li>{@link #detach}: it leaves the terminal;
 * <li>{@link #ready}: it tells the first process, which then ends.
 * </ol>
 */
final class MountDaemon {
    static final String OPTION = "--daemon";
    private static final String READY = "holdfast-mount-ready";

    private MountDaemon() {}

    static ExitCode start(Output output) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        List<String> said = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(READY)) {
                    return ExitCode.OK;
                }
                said.add(line);
            }
        }
        int exit = process.waitFor();
        said.forEach(line -> output.note(line.replaceFirst("^holdfast: ", "")));
        for (ExitCode code : ExitCode.values()) {
            if (code.number() == exit) {
                return code;
            }
        }
        return ExitCode.FAILED;
    }

    /** Returns this process's own command line, with the option that makes it the daemon. */
    private static List<String> command() throws IOException {
        String line = Files.readString(Path.of("/proc/self/cmdline"));
        List<String> command = new ArrayList<>(List.of(line.split("\0")));
        command.set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(OPTION);
        return command;
    }

    static void detach() {
        Daemon.leaveTerminal();
    }

    /** Says that the mount can be used; nobody listens to what is said after it. */
    static void ready() {
        System.out.println(READY);
        System.out.flush();
    }
}
