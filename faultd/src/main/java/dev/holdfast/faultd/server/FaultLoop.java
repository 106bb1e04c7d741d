package dev.holdfast.faultd.server;

import dev.holdfast.error.PastEndException;
import dev.holdfast.ffm.Descriptors;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.Userfaultfd;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The thread that answers one client's page faults: missing, minor and write-protect events all go
 * to the same handler, which is told only whether the access is a store.
 *
 * <p>Makes no garbage. Holds the monitor of the table of mappings around each fault. A fault that
 * cannot be served is answered by a bus error; where even that cannot be had, because the page is
 * mapped, the client is given up.
 */
final class FaultLoop implements Runnable {
    private static final System.Logger LOG = System.getLogger(FaultLoop.class.getName());
    private static final int EVENTS = 64;

    private final int userfaultfd;
    private final int stop;
    private final RangeTable ranges;
    private final Runnable giveUp;
    private final MemorySegment events =
            Arena.ofAuto().allocate(EVENTS * Userfaultfd.EVENT_BYTES, 8);
    private final MemorySegment table = Arena.ofAuto().allocate(2 * Descriptors.POLLFD_BYTES, 4);
    private volatile long served;

    /**
     * Creates the loop.
     *
     * @param stop an event that ends it
     * @param giveUp ends the connection
     */
    FaultLoop(int userfaultfd, int stop, RangeTable ranges, Runnable giveUp) {
        this.userfaultfd = userfaultfd;
        this.stop = stop;
        this.ranges = ranges;
        this.giveUp = giveUp;
    }

    /** Returns the events served. */
    long served() {
        return served;
    }

    @Override
    public void run() {
        while (true) {
            long bytes = Userfaultfd.read(userfaultfd, events);
            if (bytes == -Errno.EAGAIN) {
                Descriptors.pollEntry(table, 0, userfaultfd);
                Descriptors.pollEntry(table, 1, stop);
                Descriptors.poll(table, 2, -1);
                if (Descriptors.pollResult(table, 1) != 0) {
                    return;
                }
                if ((Descriptors.pollResult(table, 0) & ~Descriptors.POLLIN) != 0) {
                    giveUp.run();
                    return;
                }
            } else if (bytes <= 0) {
                giveUp.run();
                return;
            } else {
                for (long at = 0; at + Userfaultfd.EVENT_BYTES <= bytes;
                        at += Userfaultfd.EVENT_BYTES) {
                    if (Userfaultfd.isFault(events, at)) {
                        // Who takes a mapping out of the table waits for this, and then knows the
                        // last fault.
                        synchronized (ranges) {
                            serve(at);
                        }
                        served++;
                    }
                }
            }
        }
    }

    private void serve(long event) {
        long address = Userfaultfd.faultAddress(events, event);
        ServedRange range = ranges.at(address);
        if (range == null) {
            // Nothing is known there: not before it is attached, nor any more.
            if (Userfaultfd.poison(userfaultfd, address & -4096, 4096) == -Errno.EEXIST) {
                giveUp.run();
            }
            return;
        }
        long page = range.pages().pageAt(address);
        try {
            range.mapping().fault(page, Userfaultfd.isWrite(events, event));
        } catch (PastEndException e) {
            refusePastEnd(range, address);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a fault ends in a bus error", e);
            refuse(range, address);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a fault at page " + page + " of inode " + range.ino(), e);
            refuse(range, address);
        }
    }

    private static void refusePastEnd(ServedRange range, long address) {
        ClientPages pages = range.pages();
        if (!range.mapping().answerPastEnd(pages.pageAt(address), () -> pages.poison(address))) {
            // The file has grown since; or another thread has mapped the page.
            pages.wake(address);
        }
    }

    private void refuse(ServedRange range, long address) {
        if (range.pages().poison(address)) {
            range.mapping().busErrorAnswered(range.pages().pageAt(address));
        } else {
            giveUp.run();
        }
    }
}
