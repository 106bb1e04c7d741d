package dev.holdfast.cli.bench;

import dev.holdfast.faultd.server.FaultServer;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;

/**
 * What a fault costs the thread that answers it: the processor time of that thread, its system
 * calls included, its waiting not. One second divided by it is how many faults a second one such
 * thread can answer at most, however many threads of however many clients wait.
 */
final class HandlerTime {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final FaultServer server;
    private final long[] handlers;
    private final long nanosBefore;
    private final long faultsBefore;

    private HandlerTime(FaultServer server, long[] handlers) {
        this.server = server;
        this.handlers = handlers;
        this.nanosBefore = nanos();
        this.faultsBefore = server.faultsServed();
    }

    /** Begins to measure the threads that answer faults in this process now. */
    static HandlerTime begin(FaultServer server) {
        return new HandlerTime(server,
                Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().startsWith("holdfast-faults-"))
                .mapToLong(info -> info.getThreadId()).toArray());
    }

    private long nanos() {
        return Arrays.stream(handlers).map(THREADS::getThreadCpuTime).filter(n -> n > 0).sum();
    }

    /** Returns the nanoseconds a fault since then; unknown if there was none. */
    long nanosPerFault() {
        long nanos = nanos() - nanosBefore;
        long faults = server.faultsServed() - faultsBefore;
        return faults == 0 || nanos <= 0 ? FaultSample.UNKNOWN : nanos / faults;
    }
}
