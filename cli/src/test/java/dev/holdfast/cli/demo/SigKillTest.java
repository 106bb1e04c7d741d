package dev.holdfast.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class SigKillTest {
    private static final int FILES = 60;

    @TempDir
    private Path tree;
    @TempDir
    private Path folder;

    @BeforeEach
    void makeTree() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < FILES; i++) {
            Path directory = Files.createDirectories(tree.resolve("d" + i % 7).resolve("e"));
            byte[] content = new byte[random.nextInt(20_000)];
            random.nextBytes(content);
            Files.write(directory.resolve("f" + i), content);
        }
    }

    @Test
    void whatTheKilledProcessAcknowledgedIsThere() throws IOException {
        SigKill.Outcome outcome = new SigKill(tree, folder).run(0.5, 0);

        assertThat(outcome.files()).isEqualTo(FILES);
        assertThat(outcome.acknowledged()).isBetween(FILES / 2, FILES);
        assertThat(outcome.found()).isGreaterThanOrEqualTo(outcome.acknowledged());
        assertThat(outcome.lost()).isZero();
    }

    @Test
    void whatWasAcknowledgedTooEarlyIsMissed() throws IOException {
        assertThat(new SigKill(tree, folder).run(0.2, 30).lost()).isPositive();
    }
}
