package dev.holdfast.faultd.keeper;

import dev.holdfast.faultd.ledger.HeldClient;
import dev.holdfast.faultd.ledger.HeldMapping;
import dev.holdfast.faultd.ledger.HeldState;
import dev.holdfast.faultd.ledger.LedgerWriter;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.LinuxMount;
import dev.holdfast.ffm.UnixSocket;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps clients alive while servers die: holds the listening socket, and each client's connection
 * and userfaultfd, and does nothing else that could fail.
 *
 * <ol>
 * <li>listens, starts a worker, tells it what clients hold: nothing yet;
 * <li>hears from the worker what clients come to hold, before they do;
 * <li>when the worker dies, starts another and tells it all of that; the clients' stores wait;
 * <li>told to {@link #stop}, has the worker end in good order, and ends;
 * <li>when workers die too often, makes the clients' pages answer with bus errors, and ends.
 * </ol>
 *
 * <p>Runs in the thread that calls {@link #run}.
 */
public final class Keeper {
    /** How the keeper ended. */
    public enum End {
        /** It was told to. */
        STOPPED,
        /** The first worker could not serve at all. */
        NEVER_SERVED,
        /** Workers died too often. */
        GAVE_UP
    }

    /**
     * When to give up.
     *
     * @param restarts workers that may die
     * @param withinNanos in this time
     */
    public record Limits(int restarts, long withinNanos) {
        /** Five a minute. */
        public static final Limits DEFAULT = new Limits(5, 60_000_000_000L);
    }

    private static final System.Logger LOG = System.getLogger(Keeper.class.getName());

    private final Path path;
    private final List<String> command;
    private final Limits limits;
    private final Runnable whenServing;
    private final HeldState state = new HeldState();
    private final RestartLimit restartLimit;
    private final Message message = new Message();

    // Guarded by this.
    private LedgerWriter toWorker;
    private boolean isStopping;
    private int workerPid;

    private int exitStatus;

    /**
     * Creates a keeper.
     *
     * @param path where to listen
     * @param command starts a worker, the number of whose channel is added as a last argument
     * @param whenServing told once, when clients can connect
     */
    public Keeper(Path path, List<String> command, Limits limits, Runnable whenServing) {
        this.path = path;
        this.command = List.copyOf(command);
        this.limits = limits;
        this.restartLimit = new RestartLimit(limits);
        this.whenServing = whenServing;
    }

    /** Keeps, until the end. */
    public End run() throws IOException {
        int listening = ListeningSocket.open(path);
        try {
            boolean hasServed = false;
            while (true) {
                hasServed |= oneWorker(listening, !hasServed);
                if (isStopping()) {
                    return End.STOPPED;
                }
                if (!hasServed) {
                    return End.NEVER_SERVED;
                }
                if (!restartLimit.allowsAfterDeathAt(System.nanoTime())) {
                    LOG.log(Level.ERROR, "more than " + limits.restarts() + " workers died in "
                            + limits.withinNanos() / 1_000_000_000 + " s: clients are given up");
                    state.clients().forEach(Keeper::giveUp);
                    return End.GAVE_UP;
                }
                LOG.log(Level.WARNING,
                        "the worker died, status " + exitStatus + "; another starts");
            }
        } finally {
            letGo(listening);
        }
    }

    /**
     * Returns the exit status of the last worker, or 128 plus the number of the signal it died of.
     */
    public int exitStatus() {
        return exitStatus;
    }

    /** Has the worker, and then {@link #run}, end. From any thread. */
    public synchronized void stop() {
        isStopping = true;
        if (toWorker != null) {
            toWorker.say(MessageType.STOP);
        }
    }

    private synchronized boolean isStopping() {
        return isStopping;
    }

    /** Returns the process that serves now, 0 if none. */
    public synchronized int workerPid() {
        return workerPid;
    }

    /** Starts a worker and listens to it until it is dead; returns whether it has served. */
    private boolean oneWorker(int listening, boolean isFirst) throws IOException {
        int[] channel = UnixSocket.pair();
        int pid;
        try {
            List<String> line = new ArrayList<>(command);
            line.add(Integer.toString(channel[1]));
            pid = LinuxMount.spawn(line.toArray(String[]::new), System.getenv().entrySet().stream()
                    .map(variable -> variable.getKey() + "=" + variable.getValue())
                    .toArray(String[]::new));
        } finally {
            Linux.close(channel[1]);
        }
        try {
            LedgerWriter writer = new LedgerWriter(channel[0]);
            begun(writer, pid);
            state.clients().forEach(writer::tell);
            begin(channel[0], listening);
            return listen(channel[0], isFirst);
        } finally {
            begun(null, 0);
            Linux.close(channel[0]);
            exitStatus = exitStatus(LinuxMount.waitFor(pid));
        }
    }

    private synchronized void begun(LedgerWriter writer, int pid) {
        toWorker = writer;
        workerPid = pid;
    }

    private void begin(int channel, int listening) {
        try {
            message.begin(MessageType.BEGIN, 0).send(channel, listening);
        } catch (ErrnoException e) {
            LOG.log(Level.DEBUG, "a worker died before it began", e);
        }
    }

    private boolean listen(int channel, boolean isFirst) {
        boolean hasServed = false;
        try {
            while (message.receive(channel)) {
                if (!state.apply(message) && message.type() == MessageType.SERVING) {
                    hasServed = true;
                    if (isFirst) {
                        whenServing.run();
                    }
                    stopIfTold();
                }
            }
        } catch (ErrnoException e) {
            LOG.log(Level.DEBUG, "a worker's channel broke", e);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "a worker says what cannot be", e);
        }
        return hasServed;
    }

    /** A worker hears nothing of an end before it serves. */
    private synchronized void stopIfTold() {
        if (isStopping) {
            toWorker.say(MessageType.STOP);
        }
    }

    private static int exitStatus(int waitStatus) {
        return (waitStatus & 0x7f) == 0 ? waitStatus >> 8 & 0xff : 128 + (waitStatus & 0x7f);
    }

    /** Lets no store through any more, and has accesses to what is not mapped end in bus errors. */
    private static void giveUp(HeldClient client) {
        for (HeldMapping mapping : client.mappings().values()) {
            Seal.protect(client.userfaultfd(), mapping);
            Seal.poison(client.userfaultfd(), mapping);
        }
    }

    private void letGo(int listening) throws IOException {
        for (HeldClient client : state.clients()) {
            UnixSocket.shutdown(client.socket());
            Linux.close(client.socket());
            Linux.close(client.userfaultfd());
        }
        Linux.close(listening);
        Files.deleteIfExists(path);
    }
}
