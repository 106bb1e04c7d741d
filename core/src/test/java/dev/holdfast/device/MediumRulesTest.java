package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.device.Medium.Granularity;
import dev.holdfast.device.Medium.Survives;
import dev.holdfast.device.Medium.WriteBack;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.HostStatus;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which write-back a medium gets and what that is worth, without the hardware. */
@Isolated("sets the system property that every memfd device reads")
class MediumRulesTest {
    @ParameterizedTest(name = "{0} {1}, instruction {2}: {3} by {4}, survives {5}")
    @CsvSource({
        "MEMORY_FILE, AUTO,       true,  LINE, CACHE_LINE, NOTHING",
        "MEMORY_FILE, AUTO,       false, LINE, NONE,       NOTHING",
        "TMPFS,       AUTO,       true,  LINE, CACHE_LINE, PROCESS_KILL",
        "TMPFS,       AUTO,       false, LINE, NONE,       PROCESS_KILL",
        "TMPFS,       MSYNC,      true,  PAGE, MSYNC,      PROCESS_KILL",
        "TMPFS,       NONE,       true,  LINE, NONE,       PROCESS_KILL",
        "HUGETLBFS,   AUTO,       true,  LINE, CACHE_LINE, PROCESS_KILL",
        "DISK_FILE,   AUTO,       true,  PAGE, MSYNC,      POWER_CUT",
        "DISK_FILE,   AUTO,       false, PAGE, MSYNC,      POWER_CUT",
        "DISK_FILE,   CACHE_LINE, true,  LINE, CACHE_LINE, PROCESS_KILL",
        "DISK_FILE,   NONE,       true,  LINE, NONE,       PROCESS_KILL",
        "DAX_FILE,    AUTO,       true,  LINE, CACHE_LINE, POWER_CUT",
        "DAX_FILE,    MSYNC,      false, PAGE, MSYNC,      POWER_CUT",
        "DAX_DEVICE,  AUTO,       true,  LINE, CACHE_LINE, POWER_CUT",
    })
    void decides(Host host, WriteBackChoice choice, boolean instruction,
            Granularity granularity, WriteBack writeBack, Survives survives)
            throws HoldfastException {
        Medium medium = MediumRules.decide(host, choice, instruction, 4096, "");

        assertThat(medium.granularity()).isEqualTo(granularity);
        assertThat(medium.writeBack()).isEqualTo(writeBack);
        assertThat(medium.survives()).isEqualTo(survives);
        assertThat(medium.reason()).startsWith(host.description());
        assertThat(medium.reason().contains("forced")).isEqualTo(choice != WriteBackChoice.AUTO);
        assertThat(MediumRules.unitBytes(medium, 4096))
                .isEqualTo(granularity == Granularity.LINE ? 64 : 4096);
    }

    @DisplayName("V1 persistent line media that cannot be written back are refused, never degraded")
    @ParameterizedTest(name = "{0} {1}, instruction {2}")
    @CsvSource({
        "DAX_FILE,    AUTO,       false",
        "DAX_FILE,    NONE,       true",
        "DAX_DEVICE,  AUTO,       false",
        "DAX_DEVICE,  NONE,       true",
        "DAX_DEVICE,  MSYNC,      true",
        "TMPFS,       CACHE_LINE, false",
        "DISK_FILE,   CACHE_LINE, false",
    })
    void refuses(Host host, WriteBackChoice choice, boolean instruction) {
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> MediumRules.decide(host, choice, instruction, 4096, ""))
                .withMessageContaining("--add-exports")
                .returns(ErrorCode.NOT_SUPPORTED, HoldfastException::code);
    }

    @Test
    void theMappingUnitAndTheCaveatArePassedOn() throws HoldfastException {
        Medium medium = MediumRules.decide(
                Host.HUGETLBFS, WriteBackChoice.AUTO, true, 2 << 20, "; and so on");

        assertThat(medium.mappingUnitBytes()).isEqualTo(2 << 20);
        assertThat(medium.reason()).endsWith("; and so on");
    }

    @ParameterizedTest(name = "magic {0} is {1}")
    @CsvSource({
        "0x01021994, TMPFS,     ''",
        "0x858458f6, TMPFS,     ''",
        "0x958458f6, HUGETLBFS, ''",
        "0xef53,     DISK_FILE, ''",
        "0x58465342, DISK_FILE, ''",
        "0x9123683e, DISK_FILE, btrfs",
        "0x2fc12fc1, DISK_FILE, ZFS",
        "0xca451a4e, DISK_FILE, bcachefs",
        "0x794c7630, DISK_FILE, overlay",
        "0x6969,     DISK_FILE, server",
        "0x65735546, DISK_FILE, server",
    })
    void hostsAreKnownByTheirMagicAndCaveatsAreSaid(String magic, Host host, String caveat) {
        HostStatus status = new HostStatus(Long.decode(magic), 4096, 0);

        assertThat(Host.of(status)).isEqualTo(host);
        assertThat(Host.caveat(status)).contains(caveat);
        assertThat(Host.caveat(status).isEmpty()).isEqualTo(caveat.isEmpty());
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource({"auto, AUTO", "cacheline, CACHE_LINE", "msync, MSYNC", "NONE, NONE", ", AUTO"})
    void thePropertyChooses(String value, WriteBackChoice choice) {
        withProperty(value, () ->
                assertThat(WriteBackChoice.fromProperty()).isEqualTo(choice));
    }

    @Test
    @DisplayName("B22 an unknown value of the property is refused, not ignored")
    void anUnknownValueIsRefused() {
        withProperty("clwb", () -> assertThatIllegalArgumentException()
                .isThrownBy(WriteBackChoice::fromProperty).withMessageContaining("clwb"));
    }

    private static void withProperty(String value, Runnable test) {
        String before = System.getProperty(WriteBackChoice.PROPERTY);
        try {
            set(value);
            test.run();
        } finally {
            set(before);
        }
    }

    private static void set(String value) {
        if (value == null) {
            System.clearProperty(WriteBackChoice.PROPERTY);
        } else {
            System.setProperty(WriteBackChoice.PROPERTY, value);
        }
    }
}
