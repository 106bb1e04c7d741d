package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Measures a mount beside an empty server and a pass-through over tmpfs, which share its protocol
 * code, and tmpfs itself (the pass-through once with extended attributes, which the mount has too,
 * and once without, when the kernel has less to ask): rounds in turn, each server in a process of
 * its own, then medians and the median of the ratios within a round. Beside the time of an
 * extraction stands the processor time that the server took for it, in user and system mode, which
 * other work on the machine disturbs less. Asserts nothing about times.
 */
@Tag("stress")
@DisplayName("The speed of a mount")
class MountSpeedTest {
    private static final int ROUNDS = Integer.getInteger("holdfast.bench.rounds", 7);
    private static final int FILES = 10_000;
    private static final String FILE_MIB = "256";
    private static final Pattern P50 = Pattern.compile(";50\\.000000%=(\\d+)");
    private static final int READ_KIB_PER_SECOND = 6;

    private final Map<String, Path> places = new LinkedHashMap<>();
    private final Map<String, Process> servers = new LinkedHashMap<>();
    private final Map<String, List<Double>> figures = new LinkedHashMap<>();

    @Test
    @DisplayName("is printed")
    void measure() throws Exception {
        MountedVolume.requireFuse();
        Programs.require("fio", "tar", "bash");
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory), "skipped: no tmpfs at " + memory);
        Path folder = Files.createTempDirectory(memory, "holdfast-speed");
        try {
            Path tmpfs = Files.createDirectory(folder.resolve("tmpfs"));
            Path below = Files.createDirectory(folder.resolve("below"));
            Path volume = folder.resolve("volume");
            MountProcess.makeVolume(volume, 1L << 30);
            places.put("tmpfs", tmpfs);
            start(folder, "mount", MountProcess.class, volume.toString(), "", "");
            start(folder, "pass", PassThroughServer.class, below.toString(), "", "attributes");
            start(folder, "lean", PassThroughServer.class, below.toString(), "", "none");
            start(folder, "empty", EmptyServer.class, "", "", "");
            prepare(folder);
            for (int round = 0; round <= ROUNDS; round++) {
                round(folder, round > 0);
            }
            System.out.print(table());
        } finally {
            end(folder);
        }
    }

    /** Starts a server; its first empty argument is where it mounts. */
    private void start(Path folder, String name, Class<?> server, String... arguments)
            throws Exception {
        Path at = Files.createDirectory(folder.resolve(name));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "-XX:+UseParallelGC", "--enable-native-access=ALL-UNNAMED", "--add-exports",
                "java.base/jdk.internal.misc=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), server.getName()));
        boolean isPlaced = false;
        for (String argument : arguments) {
            command.add(argument.isEmpty() && !isPlaced ? at.toString() : argument);
            isPlaced |= argument.isEmpty();
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".said").toFile()).start();
        servers.put(name, process);
        places.put(name, at);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (MountTable.at(at).isEmpty()) {
            assertThat(process.isAlive() && System.nanoTime() < end).as(name).isTrue();
            Thread.onSpinWait();
        }
    }

    private void end(Path folder) throws Exception {
        for (String name : List.of("mount", "pass", "lean", "empty")) {
            if (MountTable.at(folder.resolve(name)).isPresent()) {
                Mounter.unmount(folder.resolve(name), true);
            }
        }
        for (Process server : servers.values()) {
            if (!server.waitFor(60, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private void prepare(Path folder) throws Exception {
        Programs.shell(folder, """
                mkdir tree && cd tree
                for d in $(seq 100); do
                    mkdir $d
                    for f in $(seq %d); do echo "$d $f" > $d/$f; done
                done
                cd .. && tar cf tree.tar tree && rm -r tree
                for place in tmpfs mount below; do
                    head -c %sM /dev/urandom > $place/file
                done
                """.formatted(FILES / 100, FILE_MIB));
    }

    private void round(Path folder, boolean counts) throws Exception {
        for (String place : List.of("empty", "mount", "pass")) {
            note("4 KiB random direct read, p50, us", place, counts, fio(place, "--rw=randread",
                    "--bs=4k", true));
        }
        for (String place : List.of("tmpfs", "empty", "mount", "pass")) {
            note("1 MiB sequential direct read, GB/s", place, counts, fio(place, "--rw=read",
                    "--bs=1m", false));
        }
        for (String place : List.of("tmpfs", "mount", "pass", "lean")) {
            Path to = Files.createDirectory(places.get(place).resolve("to"));
            double processorBefore = processorSeconds(place);
            long begun = System.nanoTime();
            Programs.run(to, "tar", "xf", folder.resolve("tree.tar").toString());
            note("tar x of " + FILES + " files, s", place, counts,
                    (System.nanoTime() - begun) / 1e9);
            note("tar x of " + FILES + " files, processor time of the server, s", place,
                    counts && servers.containsKey(place),
                    processorSeconds(place) - processorBefore);
            Programs.run(folder, "rm", "-r",
                    (servers.containsKey(place) && !place.equals("mount")
                            ? folder.resolve("below") : places.get(place)) + "/to");
        }
    }

    /** Returns the processor time of a server so far; 0 for a place without one. */
    private double processorSeconds(String place) {
        Process server = servers.get(place);
        return server == null ? 0
                : server.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    private double fio(String place, String way, String block, boolean latency) throws Exception {
        String said = Programs.run(places.get(place), "fio", "--name=x", "--filename=file",
                "--size=" + FILE_MIB + "m", way, "--bs=" + block.substring(5), "--direct=1",
                "--ioengine=psync", "--runtime=1", "--time_based", "--minimal", "--readonly");
        if (latency) {
            Matcher p50 = P50.matcher(said);
            assertThat(p50.find()).as(said).isTrue();
            return Double.parseDouble(p50.group(1));
        }
        return Double.parseDouble(said.split(";")[READ_KIB_PER_SECOND]) * 1024 / 1e9;
    }

    private void note(String what, String place, boolean counts, double figure) {
        if (counts) {
            figures.computeIfAbsent(what + " | " + place, key -> new ArrayList<>()).add(figure);
        }
    }

    private String table() {
        StringBuilder text = new StringBuilder();
        figures.forEach((what, values) -> {
            String mount = what.substring(0, what.indexOf(" | ")) + " | mount";
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                ratios.add(figures.get(mount).get(i) / values.get(i));
            }
            text.append("%s: median %.2f, from %.2f to %.2f; mount/this %.2f%n".formatted(what,
                    median(values), values.stream().min(Double::compare).orElseThrow(),
                    values.stream().max(Double::compare).orElseThrow(), median(ratios)));
        });
        return text.toString();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
