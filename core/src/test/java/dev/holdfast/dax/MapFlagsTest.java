package dev.holdfast.dax;

import static dev.holdfast.dax.MapFlags.PRIVATE;
import static dev.holdfast.dax.MapFlags.SHARED;
import static dev.holdfast.dax.MapFlags.SYNC;
import static dev.holdfast.dax.MapFlags.VALIDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.device.Medium;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MapFlagsTest {
    private static final Medium GOOD = medium(Medium.WriteBack.CACHE_LINE);

    private static Medium medium(Medium.WriteBack writeBack) {
        return new Medium(
                Medium.Granularity.LINE, writeBack, Medium.Survives.POWER_CUT, 4096, "as tested");
    }

    private static ErrorCode refusal(int flags, boolean syncCapable, Medium medium) {
        return catchThrowableOfType(HoldfastException.class,
                () -> MapFlags.check(flags, syncCapable, medium, "a.dat")).code();
    }

    @Test
    @DisplayName("V1 shared, validated and sync is accepted; so are plain shared and private")
    void accepted() {
        for (int flags : new int[] {SHARED | VALIDATE | SYNC, SHARED, PRIVATE, SHARED | VALIDATE}) {
            assertThatCode(() -> MapFlags.check(flags, true, GOOD, "a.dat"))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    @DisplayName("V1 B17 B22 unknown flags, and media that cannot persist from user space, are "
            + "refused")
    void notSupported() {
        assertThat(refusal(SHARED | VALIDATE | 64, true, GOOD)).isEqualTo(ErrorCode.NOT_SUPPORTED);
        assertThat(refusal(SHARED | VALIDATE | SYNC, true, medium(Medium.WriteBack.NONE)))
                .isEqualTo(ErrorCode.NOT_SUPPORTED);
    }

    @Test
    @DisplayName("V2 V3 sync without validation, or private, or neither kind or both, is invalid")
    void invalid() {
        for (int flags : new int[] {SHARED | SYNC, PRIVATE | SYNC | VALIDATE, VALIDATE,
            SHARED | PRIVATE}) {
            assertThat(refusal(flags, true, GOOD)).isEqualTo(ErrorCode.INVALID);
        }
    }

    @Test
    @DisplayName("V4 a file without the capability cannot be mapped sync")
    void capability() {
        assertThat(refusal(SHARED | VALIDATE | SYNC, false, GOOD))
                .isEqualTo(ErrorCode.NOT_SUPPORTED);
    }
}
