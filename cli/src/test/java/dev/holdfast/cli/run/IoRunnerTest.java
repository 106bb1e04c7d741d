package dev.holdfast.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cli.io.IoOp;
import dev.holdfast.cli.io.IoScript;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IoRunnerTest {
    private IoStage stage;
    private IoRunner runner;

    @BeforeEach
    void open() throws IOException {
        stage = SimulatedStage.create(4 << 20);
        runner = new IoRunner(stage);
    }

    @AfterEach
    void close() throws IOException {
        runner.close();
        stage.close();
    }

    private IoResult run(String script) throws IOException {
        IoResult last = null;
        for (IoOp op : IoScript.parse(script)) {
            last = runner.run(op);
        }
        return last;
    }

    @Test
    void namesAreMadeMovedAndRemoved() throws IOException {
        run("""
                mkdir /d
                creat /d/a
                link /d/a /d/b
                symlink b /d/s
                rename /d/a /d/c
                rename /d/b /d/c -x
                setfattr /d/c user.n v
                """);
        assertThat(stage.volume().list("/d")).extracting("name")
                .containsExactlyInAnyOrder("b", "c", "s");
        assertThat(stage.volume().getXattr("/d/s", "user.n")).containsExactly('v');

        run("rmfattr /d/c user.n\nunlink /d/s\nunlink /d/b\nunlink /d/c\nrmdir /d");
        assertThat(stage.volume().list("/")).isEmpty();
        assertThatThrownBy(() -> run("creat /x\ncreat /y\nrename /x /y -n"))
                .isInstanceOf(HoldfastException.class).hasMessageContaining("/x -> /y");
    }

    @Test
    void readsReturnRunsOfBytes() throws IOException {
        IoResult result = run("""
                creat /a
                pwrite /a 10 20 -S 0x7
                pread /a 5 1000
                """);

        assertThat(result).isInstanceOfSatisfying(IoResult.Read.class, read -> {
            assertThat(read.content().lengthBytes()).isEqualTo(25);
            assertThat(read.content().runs()).containsExactly(
                    new Content.Run(5, 5, 0), new Content.Run(10, 20, 7));
        });
    }

    @Test
    void keepsTheFirstRunsAndAChecksumOfAll() throws IOException {
        run("creat /a");
        for (int i = 0; i < 40; i++) {
            run("pwrite /a " + i + " 1 -S " + i);
        }

        Content content = ((IoResult.Read) run("pread /a 0 40")).content();

        assertThat(content.runs()).hasSize(Content.RUNS_KEPT);
        assertThat(content.runCount()).isEqualTo(40);
        assertThat(IoResultText.lines(new IoOp.PRead("/a", 0, 40), run("pread /a 0 40")).getLast())
                .matches("and 24 more runs; crc32c of all 0x[0-9a-f]{8}");
    }

    @Test
    void anOperationMeansTheNewestMappingOfTheFileWhateverItsName() throws IOException {
        run("""
                creat /a
                truncate /a 64k
                mmap /a 0 4k
                mmap /a 8k 4k
                rename /a /b
                mwrite /b 8k 1 -S 0x9
                msync /b
                """);

        assertThat(((IoResult.Read) run("pread /b 8k 1")).content().runs().getFirst().value())
                .isEqualTo(9);
        assertThatThrownBy(() -> run("mwrite /b 0 1"))
                .hasMessageContaining("not inside its mapping, bytes 8192 to 12288");
        assertThatThrownBy(() -> run("creat /a\nmwrite /a 0 1"))
                .hasMessage("/a: is not mapped; mmap it first");
    }

    @Test
    void aPrivateMappingDoesNotReachTheFile() throws IOException {
        run("creat /a\npwrite /a 0 4k -S 1\nmmap /a 0 4k -s private\nmwrite /a 0 4k -S 2");

        assertThat(((IoResult.Read) run("mread /a 0 1")).content().runs().getFirst().value())
                .isEqualTo(2);
        assertThat(((IoResult.Read) run("pread /a 0 1")).content().runs().getFirst().value())
                .isEqualTo(1);
        assertThatThrownBy(() -> run("persist /a 0 1")).isInstanceOf(HoldfastException.class);
    }

    @Test
    void aCrashForgetsMappingsAndWhatWasNotDurable() throws IOException {
        run("creat /kept\nsync\ncreat /lost\ntruncate /kept 4k\nfsync /kept\nmmap /kept 0 4k");

        assertThat(run("crash -s 3")).isEqualTo(new IoResult.Recovered(OptionalLong.of(3)));

        assertThat(stage.volume().stat("/kept").sizeBytes()).isEqualTo(4096);
        assertThatThrownBy(() -> run("mwrite /kept 0 1")).hasMessageContaining("is not mapped");
        run("crash");
        run("mmap /kept 0 4k -s sync\nmwrite /kept 0 8 -S 1\npersist /kept 0 8\ncheckpoint\ncrash");
        assertThat(((IoResult.Read) run("pread /kept 0 8")).content().runs())
                .containsExactly(new Content.Run(0, 8, 1));
    }

    @Test
    void isTheSameAtEveryRun() throws IOException {
        List<String> first = outcomes(7, 150);
        close();
        open();

        assertThat(outcomes(7, 150)).isEqualTo(first);
    }

    @Test
    void everySequenceOfOperationsWorksOrIsRefused() throws IOException {
        for (long seed = 0; seed < 12; seed++) {
            assertThat(outcomes(seed, 250)).as("seed %d", seed).isNotEmpty();
            close();
            open();
        }
    }

    /** Runs random operations; returns them with what came of each. */
    private List<String> outcomes(long seed, int count) throws IOException {
        Random random = new Random(seed);
        List<String> outcomes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            IoOp op = IoScript.parseLine(randomLine(random), 1).orElseThrow();
            try {
                outcomes.add(op + " = " + runner.run(op));
            } catch (HoldfastException e) {
                outcomes.add(op + " = " + e.code() + " " + e.getMessage());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ":\n" + String.join("\n", outcomes) + "\n"
                        + op, e);
            }
        }
        return outcomes;
    }

    private static String randomLine(Random random) {
        String a = path(random);
        String b = path(random);
        int offset = random.nextInt(40) * 1024;
        int length = 1 + random.nextInt(20_000);
        String range = a + " " + offset + " " + length;
        String fill = " -S " + random.nextInt(256);
        return switch (random.nextInt(30)) {
            case 0, 1 -> "creat " + a;
            case 2 -> "mkdir " + a;
            case 3, 4 -> "pwrite " + range + fill;
            case 5, 6 -> "pread " + range;
            case 7, 8 -> "mmap " + range + " -s "
                    + List.of("sync", "shared", "private").get(random.nextInt(3));
            case 9, 10 -> "mwrite " + a + " " + offset + " 64" + fill;
            case 11 -> "mread " + a + " " + offset + " 64";
            case 12 -> "persist " + a + " " + offset + " 64";
            case 13 -> "msync " + a;
            case 14 -> "fsync " + a;
            case 15 -> "fdatasync " + a;
            case 16 -> random.nextBoolean() ? "sync" : "checkpoint";
            case 17 -> "truncate " + a + " " + offset;
            case 18 -> "falloc " + range + List.of("", " -k", " -w").get(random.nextInt(3));
            case 19 -> "fpunch " + range;
            case 20 -> "fzero " + range;
            case 21 -> "link " + a + " " + b;
            case 22 -> "symlink " + a + " " + b;
            case 23 -> "rename " + a + " " + b + List.of("", " -n", " -x").get(random.nextInt(3));
            case 24 -> "unlink " + a;
            case 25 -> "rmdir " + a;
            case 26 -> "setfattr " + a + " user.n " + length;
            case 27 -> "seek " + a + (random.nextBoolean() ? " data " : " hole ") + offset;
            case 28 -> random.nextBoolean() ? "fiemap " + a : "stat " + a;
            default -> random.nextInt(4) == 0 ? "crash -s " + random.nextInt(99) : "stat " + a;
        };
    }

    private static String path(Random random) {
        return List.of("/a", "/b", "/c", "/d", "/d/e", "/d/f").get(random.nextInt(6));
    }
}
