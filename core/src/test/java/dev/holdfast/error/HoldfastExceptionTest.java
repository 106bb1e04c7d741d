package dev.holdfast.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HoldfastExceptionTest {
    @Test
    void carriesItsCodeAndMessage() {
        var failure = new HoldfastException(ErrorCode.NO_SPACE, "no free block for /a at offset 0");

        assertThat(failure.code().errno()).isEqualTo(28);
        assertThat(failure).hasMessage("no free block for /a at offset 0");
    }
}
