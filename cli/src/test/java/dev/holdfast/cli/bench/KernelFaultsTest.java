package dev.holdfast.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.MemfdDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class KernelFaultsTest {
    private static final int PAGES = 64;

    @Test
    void seesTheFirstTouchOfEachPage() throws Exception {
        try (MemfdDevice device = MemfdDevice.create("test", PAGES * 4096)) {
            long before = KernelFaults.ofThisThread();
            for (int page = 0; page < PAGES; page++) {
                device.putLong(page * 4096L, 1);
            }
            assertThat(KernelFaults.ofThisThread() - before).isGreaterThanOrEqualTo(PAGES);
        }
    }
}
