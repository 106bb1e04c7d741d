package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheLinesTest {
    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=0", "-XX:TieredStopAtLevel=1",
            "-XX:TieredStopAtLevel=3", "-XX:CompilationMode=quick-only"})
    void aVmWithoutItsOptimisingCompilerHasNoWriteBack(String argument) {
        assertThat(CacheLines.isOptimising("-Xmx1g", argument, "-ea")).isFalse();
    }

    @Test
    void theLastLevelCounts() {
        assertThat(CacheLines.isOptimising()).isTrue();
        assertThat(CacheLines.isOptimising("-XX:TieredStopAtLevel=1", "-XX:TieredStopAtLevel=4"))
                .isTrue();
    }
}
