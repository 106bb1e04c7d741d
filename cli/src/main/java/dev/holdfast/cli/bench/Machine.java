package dev.holdfast.cli.bench;

import dev.holdfast.cli.text.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a measurement was made on, in words that mean something elsewhere. */
public final class Machine {
    private static final Path CPU = Path.of("/proc/cpuinfo");
    private static final Path SHM = Path.of("/dev/shm");

    private Machine() {}

    /** Returns processor, cores, kernel and JDK. */
    public static Report describe() {
        return new Report()
                .text("processor", processor())
                .count("cores", Runtime.getRuntime().availableProcessors())
                .text("kernel", System.getProperty("os.name") + " "
                        + System.getProperty("os.version"))
                .text("java", Runtime.version().toString());
    }

    private static String processor() {
        try (var lines = Files.lines(CPU)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst().orElse(System.getProperty("os.arch"));
        } catch (IOException | RuntimeException unknown) {
            return System.getProperty("os.arch");
        }
    }

    /** Returns where volumes of measurements go unless told: memory where there is some. */
    public static Path volumeFolder() {
        return Files.isWritable(SHM) ? SHM : Path.of(System.getProperty("java.io.tmpdir"));
    }
}
