package dev.holdfast.faultd.server;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.faultd.ledger.ClientLedger;
import dev.holdfast.faultd.ledger.HeldClient;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.UnixSocket;
import dev.holdfast.fs.FileSystem;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Serves a volume that this process has open to clients on a socket: their requests, and the page
 * faults of their mappings.
 *
 * <ol>
 * <li>{@link #open}; {@link #resume} for the clients of an earlier server, before anybody else
 *     changes the volume;
 * <li>{@link #start}: connections are accepted;
 * <li>{@link #close}: clients are told, and let go of; then the volume can be closed.
 * </ol>
 *
 * <p>Durability: a store through a sync mapping goes on when its metadata is durable. Thread-safe.
 */
public final class FaultServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(FaultServer.class.getName());
    private static final int CLIENTS_MAX = 256;
    private static final int STRANGERS_MAX = 64;
    private static final long CLOSE_NANOS = 3_000_000_000L;

    private final ServerContext context;
    private final int listening;
    private final AtomicLong nextClient = new AtomicLong(1);
    private final Thread acceptThread;
    /** Connections that have not greeted yet, oldest first. Guarded by itself. */
    private final Deque<Integer> strangers = new ArrayDeque<>();
    private volatile boolean isClosing;

    private FaultServer(ServerContext context, int listening) {
        this.context = context;
        this.listening = listening;
        this.acceptThread =
                Thread.ofPlatform().daemon().name("holdfast-accept").unstarted(this::accept);
    }

    /**
     * Makes a server.
     *
     * @param listening a listening socket, this object's from here on
     * @param ledger hears what clients hold
     * @throws HoldfastException NOT_SUPPORTED when the volume's medium has no faults of the kind
     *     needed
     */
    public static FaultServer open(Volume volume, int listening, ClientLedger ledger)
            throws IOException {
        FileSystem fs = VolumeLab.fileSystem(volume);
        int device = SharedDevice.open(fs.device());
        return new FaultServer(new ServerContext(
                fs, device, fs.device().medium().mappingUnitBytes(), ledger), listening);
    }

    /**
     * Takes over the clients of an earlier server; their descriptors are this object's from here
     * on.
     */
    public void resume(Collection<HeldClient> clients) throws IOException {
        List<ClientSession> resumed = new ArrayList<>();
        for (HeldClient client : clients) {
            nextClient.accumulateAndGet(client.id() + 1, Math::max);
            resumed.add(ClientSession.resumed(context, client));
        }
        context.fs().mappings().resumed();
        for (ClientSession session : resumed) {
            context.sessions().add(session);
            session.start();
            session.wake();
        }
    }

    /** Accepts connections from now on. */
    public FaultServer start() {
        acceptThread.start();
        return this;
    }

    private void accept() {
        while (!isClosing) {
            int socket;
            try {
                socket = UnixSocket.accept(listening);
            } catch (ErrnoException e) {
                if (!isClosing) {
                    LOG.log(Level.ERROR, "no more connections", e);
                }
                return;
            }
            if (isClosing || context.sessions().size() >= CLIENTS_MAX) {
                Linux.close(socket);
            } else {
                long id = nextClient.getAndIncrement();
                welcome(socket);
                Thread.ofPlatform().daemon().name("holdfast-greeting-" + id)
                        .start(() -> greet(id, socket));
            }
        }
    }

    /** Who connects and says nothing has to make room for others. */
    private void welcome(int socket) {
        synchronized (strangers) {
            strangers.addLast(socket);
            if (strangers.size() > STRANGERS_MAX) {
                UnixSocket.shutdown(strangers.removeFirst());
            }
        }
    }

    /** Before the socket is closed: its number may be another's then. */
    private void forget(int socket) {
        synchronized (strangers) {
            strangers.remove((Integer) socket);
        }
    }

    private void greet(long id, int socket) {
        ClientSession session = null;
        Message greeting = new Message();
        try {
            session = ClientSession.greeted(context, id, socket, greeting);
            context.sessions().add(session);
            session.start();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a connection that is none", e);
        } finally {
            greeting.discardDescriptors();
            forget(socket);
            if (session == null) {
                Linux.close(socket);
            }
        }
        if (isClosing && session != null) {
            session.end();
        }
    }

    /** Returns the number of clients. */
    public int clients() {
        return context.sessions().size();
    }

    /** Returns the page faults answered for clients there are now. */
    public long faultsServed() {
        return context.sessions().stream().mapToLong(ClientSession::faultsServed).sum();
    }

    /**
     * Ends the service: tells the clients, answers their faults until they have let go, which they
     * have a few seconds for, and cuts off who has not. Idempotent.
     */
    @Override
    public void close() throws IOException {
        if (isClosing) {
            return;
        }
        isClosing = true;
        UnixSocket.shutdown(listening);
        synchronized (strangers) {
            strangers.forEach(UnixSocket::shutdown);
        }
        try {
            long end = System.nanoTime() + CLOSE_NANOS;
            context.sessions().forEach(session -> session.notify(MessageType.STOPPING));
            for (ClientSession session : context.sessions()) {
                session.join((end - System.nanoTime()) / 1_000_000);
            }
            for (ClientSession session : context.sessions()) {
                session.end();
                session.join(CLOSE_NANOS / 1_000_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HoldfastException(ErrorCode.INTERRUPTED,
                    "interrupted while clients leave", e);
        } finally {
            Linux.close(listening);
            Linux.close(context.device());
        }
    }
}
