package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scripts, word for word. */
class IoCommandTest {
    @TempDir
    private Path folder;

    private static Cli.Result simulated(String script) {
        return Cli.runWith(script.getBytes(UTF_8), "io", "--simulated", "--size", "4MiB");
    }

    @Test
    @DisplayName("S10 what was stored through a sync mapping and persisted is found after a crash")
    void aSyncMappingKeepsWhatWasPersisted() {
        String script = """
                creat /log
                truncate /log 64k
                mmap /log 0 64k -s sync
                mwrite /log 4096 64 -S 0x5a
                persist /log 4096 64
                crash
                stat /log
                pread /log 4032 192
                """;

        assertThat(simulated(script).ok()).isEqualTo("""
                power cut: only what was persisted was kept; recovered
                stat.ino = 2
                stat.type = file
                stat.mode = 0644
                stat.links = 1
                stat.size = 65536
                stat.blocks = 1
                read 192/192 bytes at offset 4032
                00000fc0: 0x00 * 64
                00001000: 0x5a * 64
                00001040: 0x00 * 64
                """);
    }

    @Test
    void aSyncMappingKeepsItUnderEverySeed() {
        for (int seed = 0; seed < 20; seed++) {
            assertThat(simulated("""
                    creat /log
                    truncate /log 64k
                    mmap /log 0 64k -s sync
                    mwrite /log 0 128 -S 0x11
                    persist /log 0 128
                    crash -s %d
                    pread /log 0 128
                    """.formatted(seed)).ok()).isEqualTo("""
                    power cut: seed %d drew what was kept; recovered
                    read 128/128 bytes at offset 0
                    00000000: 0x11 * 128
                    """.formatted(seed));
        }
    }

    @Test
    void aSharedMappingMayLoseThePersistedBytesWithTheirMetadata() {
        String script = """
                creat /log
                truncate /log 64k
                sync
                mmap /log 0 64k -s shared
                mwrite /log 4096 64 -S 0x5a
                persist /log 4096 64
                crash
                pread /log 4096 64
                """;

        assertThat(simulated(script).ok()).isEqualTo("""
                power cut: only what was persisted was kept; recovered
                read 64/64 bytes at offset 4096
                00001000: 0x00 * 64
                """);
    }

    @Test
    void anFsyncMakesASharedMappingKeepIt() {
        assertThat(simulated("""
                creat /log
                truncate /log 64k
                mmap /log 0 64k
                mwrite /log 4096 64 -S 0x5a
                fsync /log
                crash
                pread /log 4096 64
                """).ok()).endsWith("00001000: 0x5a * 64\n");
    }

    @Test
    void operationsSayWhatTheyFound() {
        assertThat(simulated("""
                creat /a                    # comments are not run
                pwrite /a 8k 4k -S 0x1

                falloc /a 16k 4k
                fiemap /a
                seek /a data 0
                seek /a hole 8k
                seek /a data 1m
                mmap /a 0 8k -s private
                mwrite /a 0 3 -S 0x2
                mread /a 0 4
                pread /a 16380 100000
                """).ok()).matches("""
                wrote 4096/4096 bytes at offset 8192
                /a:
                0: \\[0..8191]: hole
                1: \\[8192..12287]: \\d+..\\d+
                2: \\[12288..16383]: hole
                3: \\[16384..20479]: \\d+..\\d+ unwritten
                DATA 8192
                HOLE 12288
                DATA EOF
                read 4/4 bytes at offset 0
                00000000: 0x02 \\* 3
                00000003: 0x00 \\* 1
                read 4100/100000 bytes at offset 16380
                00003ffc: 0x00 \\* 4100
                """);
    }

    @Test
    void theFirstFailureEndsTheScript() {
        Cli.Result result = simulated("creat /a\nrmdir /a\nstat /a\n");

        assertThat(result.fails(1)).contains("line 2: rmdir /a: /a");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void aScriptThatCannotBeReadRunsNotAtAll() {
        Path volume = folder.resolve("v");
        Cli.run("mkfs", volume, "1m").ok();

        assertThat(Cli.run("io", volume, "-c", "creat /a", "-c", "creat").fails(2))
                .contains("line 2, column 6: expected P");
        assertThat(Cli.on(volume, "ls")).isEmpty();
    }

    @Test
    void aRealVolumeIsNotCrashed() {
        Path volume = folder.resolve("v");
        Cli.run("mkfs", volume, "1m").ok();

        assertThat(Cli.run("io", volume, "-c", "creat /a", "-c", "crash").fails(1))
                .contains("line 2: crash: ", "on a real medium", "--simulated");
        assertThat(Cli.on(volume, "ls")).isEqualTo("a\n");
    }

    @Test
    void jsonTellsEachOperationAndItsResult() {
        assertThat(Cli.run("io", "--simulated", "--json", "-c", "creat /a", "-c", "pwrite /a 0 3")
                .ok()).isEqualTo("""
                {
                  "operations": [
                    {
                      "line": 1,
                      "operation": "creat /a",
                      "result": ""
                    },
                    {
                      "line": 2,
                      "operation": "pwrite /a 0 3",
                      "result": "wrote 3/3 bytes at offset 0"
                    }
                  ]
                }
                """);
    }
}
