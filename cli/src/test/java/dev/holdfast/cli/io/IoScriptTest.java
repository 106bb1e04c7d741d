package dev.holdfast.cli.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IoScriptTest {
    @Test
    void readsAScriptWithCommentsAndBlankLines() {
        assertThat(IoScript.parse("""
                # a log that must survive
                creat /log

                truncate /log 1m        # its size
                mmap /log 0 1MiB -s sync
                mwrite /log 4k 64 -S 0x5a
                persist "/log" 4k 64
                crash -s 42\r
                """)).containsExactly(
                new IoOp.Creat("/log"),
                new IoOp.Truncate("/log", 1 << 20),
                new IoOp.MMap("/log", 0, 1 << 20, IoOp.MapKind.SYNC),
                new IoOp.MWrite("/log", 4096, 64, 0x5a),
                new IoOp.Persist("/log", 4096, 64),
                new IoOp.Crash(OptionalLong.of(42)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "creat /a", "mkdir /d", "pwrite /a 0 4k", "pwrite /a 1 2 -S 0x0", "pread /a 4k 1m",
        "mmap /a 0 2m",
        "mmap /a 0 2m -s sync", "mmap /a 0 2m -s private", "mwrite /a 0 1", "mread /a 0 1",
        "persist /a 0 64",
        "msync /a", "fsync /a", "fdatasync /a", "sync", "truncate /a 0", "falloc /a 0 4k",
        "falloc /a 0 4k -k",
        "falloc /a 0 4k -w", "fpunch /a 0 4k", "fzero /a 0 4k", "link /a /b", "symlink ../t /s",
        "rename /a /b",
        "rename /a /b -n", "rename /a /b -x", "unlink /a", "rmdir /d", "setfattr /a user.n v",
        "setfattr /a user.n \"\"", "rmfattr /a user.n", "seek /a data 0", "seek /a hole 4k",
        "fiemap /a",
        "stat /a", "checkpoint", "crash", "crash -s -7", "creat \"/with space\"", "creat \"-dash\"",
        "creat \"#hash\"", "creat /ü#1"
    })
    void givesTheLineBack(String line) {
        assertThat(IoScript.parseLine(line, 1).orElseThrow()).hasToString(line);
    }

    @Test
    void everyOperationReadsBackFromItsLine() {
        for (long seed = 1; seed <= 5; seed++) {
            RandomIoOps random = new RandomIoOps(seed);
            List<IoOp> ops = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                ops.add(random.next());
            }
            assertThat(IoScript.parse(IoScript.format(ops))).as("seed %d", seed).isEqualTo(ops);
        }
    }

    @Test
    void noiseIsReadOrRefusedWithItsPlaceAndNothingElse() {
        for (long seed = 1; seed <= 5; seed++) {
            RandomIoOps random = new RandomIoOps(seed);
            for (int i = 0; i < 4_000; i++) {
                String line = random.noise();
                Throwable thrown = catchThrowable(() -> IoScript.parse(line));
                if (thrown != null) {
                    assertThat(thrown).as("seed %d, line %s", seed, line)
                            .isInstanceOf(IoSyntaxException.class);
                    assertThat(((IoSyntaxException) thrown).column()).isBetween(1, line.length()
                            + 1);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "pwrit /a 0 1 ~ 1 ~ unknown operation 'pwrit'; expected one of creat, mkdir, pwrite",
        "pread /a 0 ~ 11 ~ expected LEN; usage: pread P OFF LEN",
        "pread /a zero 1 ~ 10 ~ 'zero' is not a size",
        "pread /a 0 16E ~ 12 ~ is too large",
        "pread /a 0 1 2 ~ 14 ~ unexpected '2'; usage: pread P OFF LEN",
        "pread /a 9223372036854775807 1 ~ 1 ~ pread: the range of 1 bytes at 9223372036854775807",
        "mmap /a 0 0 ~ 1 ~ mmap: expected a length of at least 1 byte, found 0",
        "mmap /a 0 1 -s hard ~ 16 ~ expected sync or shared or private, found 'hard'",
        "mmap /a 0 1 -s ~ 15 ~ expected a value after -s",
        "mmap /a 0 1 -z ~ 13 ~ unknown option '-z'; usage: mmap P OFF LEN [-s sync|shared|private]",
        "pwrite /a 0 1 -S 256 ~ 18 ~ expected a byte from 0 to 255 (0xff), found '256'",
        "falloc /a 0 1 -k -w ~ 18 ~ only one of -k and -w can be given",
        "falloc /a 0 1 -k -k ~ 18 ~ the option -k is given twice",
        "seek /a end 0 ~ 9 ~ expected data or hole, found 'end'",
        "crash -s soon ~ 10 ~ expected a whole number of 64 bits, found 'soon'",
        "creat \"/a ~ 7 ~ this quote is not closed",
        "creat \"/a\"b ~ 11 ~ expected a blank after the closing quote",
        "creat /a\"b\" ~ 9 ~ a quote may only open a word",
        "creat \"a\\qb\" ~ 9 ~ unknown escape",
        "creat \"\\u12\" ~ 8 ~ \\u needs four hexadecimal digits",
        "creat \"\" ~ 1 ~ creat: expected a path, found an empty word",
        "creat -x ~ 7 ~ quote a name that starts with -",
        "sync /a ~ 6 ~ unexpected '/a'; usage: sync"
    })
    void saysWhereAndWhatWasExpected(String line, int column, String expected) {
        assertThatThrownBy(() -> IoScript.parse("sync\n" + line))
                .isInstanceOf(IoSyntaxException.class)
                .hasMessageStartingWith("line 2, column " + column + ": ")
                .hasMessageContaining(expected);
    }

    @Test
    void operationsCannotBeMadeInvalid() {
        assertThatThrownBy(() -> new IoOp.PRead("/a", -1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new IoOp.PWrite("/a", 0, 1, 256))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new IoOp.Creat("a\0b"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hasAUsageLineForEveryOperation() {
        assertThat(IoScript.usages()).hasSize(28).contains("rename A B [-n|-x]", "sync");
        assertThat(IoOp.class.getPermittedSubclasses()).hasSize(28);
    }
}
