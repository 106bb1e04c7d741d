package dev.holdfast.cli.bench;

import dev.holdfast.MapMode;
import dev.holdfast.faultd.client.ClientFile;
import dev.holdfast.faultd.client.ClientMapping;
import dev.holdfast.faultd.client.FaultClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The process whose stores fault: another than the one that answers, or the first collection would
 * stop both for ever.
 *
 * <ol>
 * <li>{@link #start}, in the measuring process, runs this process's command line again;
 * <li>{@link #serve}, in the new one, does what it is told line by line: connect, map, store, end;
 * <li>{@link #close} ends its input, and so it.
 * </ol>
 *
 * <p>Not thread-safe.
 */
final class FaultClientProcess implements AutoCloseable {
    static final String OPTION = "--fault-client";
    private static final String OK = "ok";

    private final Process process;
    private final PrintWriter to;
    private final BufferedReader from;

    /** What the stores took, and how many minor faults the kernel counted for the thread. */
    record Stores(long[] nanos, long kernelFaults) {}

    private FaultClientProcess(Process process) {
        this.process = process;
        this.to = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        this.from = process.inputReader(StandardCharsets.UTF_8);
    }

    static FaultClientProcess start() throws IOException {
        String line = Files.readString(Path.of("/proc/self/cmdline"));
        List<String> command = new ArrayList<>(List.of(line.split("\0")));
        command.set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(OPTION);
        return new FaultClientProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** Connects to a server, and maps a file of its volume. */
    void map(Path socket, String path, boolean sync, long bytes) throws IOException {
        require(ask("map " + socket + " " + path + " " + sync + " " + bytes), OK);
    }

    /** Stores to the mapping once every so many bytes. */
    Stores store(int count, long strideBytes) throws IOException {
        String[] words = ask("store " + count + " " + strideBytes).split(" ");
        long[] nanos = new long[count];
        require(Integer.toString(words.length), Integer.toString(count + 1));
        for (int i = 0; i < count; i++) {
            nanos[i] = Long.parseLong(words[i + 1]);
        }
        return new Stores(nanos, Long.parseLong(words[0]));
    }

    /** Unmaps and disconnects. */
    void end() throws IOException {
        require(ask("end"), OK);
    }

    private String ask(String line) throws IOException {
        to.println(line);
        String answer = from.readLine();
        if (answer == null) {
            throw new IOException("the process that stores has ended");
        }
        return answer;
    }

    private static void require(String answer, String expected) throws IOException {
        if (!answer.equals(expected)) {
            throw new IOException("the process that stores says: " + answer);
        }
    }

    @Override
    public void close() {
        to.close();
        process.destroy();
    }

    /** Does what standard input says, until it ends. */
    static void serve() throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintWriter answers = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        FaultClient client = null;
        ClientMapping mapping = null;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "map" -> {
                    client = FaultClient.connect(Path.of(words[1]));
                    try (ClientFile file = client.open(words[2], FaultClient.Access.WRITE)) {
                        mapping = file.map(Boolean.parseBoolean(words[3])
                                ? MapMode.SYNC : MapMode.SHARED,
                                0, Long.parseLong(words[4]));
                    }
                    answers.println(OK);
                }
                case "store" -> answers.println(stored(mapping.segment(),
                        Integer.parseInt(words[1]),
                        Long.parseLong(words[2])));
                default -> {
                    client.close();
                    answers.println(OK);
                }
            }
        }
    }

    private static String stored(MemorySegment memory, int count, long strideBytes) {
        long[] nanos = new long[count];
        long kernel = KernelFaults.ofThisThread();
        store(memory, nanos, strideBytes);
        StringBuilder said = new StringBuilder();
        said.append(KernelFaults.ofThisThread() - kernel);
        for (long each : nanos) {
            said.append(' ').append(each);
        }
        return said.toString();
    }

    private static void store(MemorySegment memory, long[] nanos, long strideBytes) {
        for (int i = 0; i < nanos.length; i++) {
            long offset = i * strideBytes;
            long begin = System.nanoTime();
            memory.set(ValueLayout.JAVA_LONG, offset, i);
            nanos[i] = System.nanoTime() - begin;
        }
    }
}
