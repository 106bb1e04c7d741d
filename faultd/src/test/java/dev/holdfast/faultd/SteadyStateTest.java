package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SteadyStateTest {
    /** Less than a huge page, so that every page faults by itself. */
    private static final long BYTES = 1L << 20;
    private static final int ROUNDS_MAX = 400;

    private static long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (long id : threads.getAllThreadIds()) {
            var info = threads.getThreadInfo(id);
            if (info != null && info.getThreadName().startsWith("holdfast-faults-")) {
                return threads.getThreadAllocatedBytes(id);
            }
        }
        throw new AssertionError("no thread answers faults");
    }

    @Test
    @DisplayName("a thread that answers faults makes no garbage once it has seen its kinds of "
            + "fault")
    void noGarbage() throws Exception {
        Needs.userfaultfd();
        try (LocalServer local = new LocalServer()) {
            Child client = local.javaClient();
            client.expect("ok", "open f /file");
            client.expect("ok", "truncate f " + BYTES);
            client.expect("ok", "map f m SYNC 0 " + BYTES);
            long garbage = Long.MAX_VALUE;
            long faults = 0;
            // Calls of the system make garbage until the compiler has seen enough of them.
            for (int round = 0; round < ROUNDS_MAX && garbage > 0; round++) {
                long before = allocated();
                long served = local.server().faultsServed();
                client.expect("ok", "scatter m 2");
                garbage = allocated() - before;
                faults = local.server().faultsServed() - served;
                client.expect("ok", "fsync f");
            }
            assertThat(faults).isGreaterThan(BYTES / 4096 / 2);
            assertThat(garbage).as("bytes for %s faults", faults).isZero();
        }
    }
}
