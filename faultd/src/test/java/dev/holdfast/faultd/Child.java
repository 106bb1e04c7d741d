package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of a test, that is told what to do line by line and answers each line with one. */
public final class Child implements AutoCloseable {
    private final Process process;
    private final PrintWriter to;
    private final BufferedReader from;

    private Child(Process process) {
        this.process = process;
        this.to = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        this.from = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts a JVM with the class path of this one. */
    public static Child java(Class<?> main, String... arguments) throws IOException {
        return java(List.of(), main, arguments);
    }

    /** Starts a JVM with options. */
    public static Child java(List<String> options, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = command(options, main);
        command.addAll(List.of(arguments));
        return start(command);
    }

    /** Returns the command that starts a JVM. */
    public static List<String> command(List<String> options, Class<?> main) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        return command;
    }

    /** Starts any program. */
    public static Child start(List<String> command) throws IOException {
        return new Child(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** Says a line and returns the answer. */
    public String ask(String line) throws IOException {
        tell(line);
        return answer();
    }

    /** Says a line and checks the answer. */
    public void expect(String answer, String line) throws IOException {
        assertThat(ask(line)).as(line).isEqualTo(answer);
    }

    /** Says a line, the answer to which is taken later. */
    public void tell(String line) {
        to.println(line);
    }

    /** Waits for an answer. */
    public String answer() throws IOException {
        String answer = from.readLine();
        if (answer == null) {
            throw new IOException("the process has ended");
        }
        return answer;
    }

    /** Tells whether an answer can be had without waiting. */
    public boolean hasAnswer() throws IOException {
        return from.ready();
    }

    public Process process() {
        return process;
    }

    /** Kills the process and waits until it is dead. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Ends the input, at which the process ends; kills one that does not. */
    @Override
    public void close() {
        to.close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
