package dev.holdfast.faultd.server;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.faultd.ledger.HeldClient;
import dev.holdfast.faultd.ledger.HeldHandle;
import dev.holdfast.faultd.ledger.HeldMapping;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.WireException;
import dev.holdfast.ffm.Descriptors;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.UnixSocket;
import dev.holdfast.ffm.Userfaultfd;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client.
 *
 * <ol>
 * <li>{@link #greeted}: its first message gave its userfaultfd; or {@link #resumed}: an earlier
 *     server had it;
 * <li>{@link #start}: one thread answers its requests, another its faults;
 * <li>the connection ends, by either side: stores of the client get through no more, its mappings
 *     and files are let go, and the reserved blocks with them.
 * </ol>
 *
 * <p>A client that breaks the protocol is cut off; nothing it sends does more.
 */
final class ClientSession {
    private static final System.Logger LOG = System.getLogger(ClientSession.class.getName());

    private final ServerContext context;
    private final long id;
    private final int socket;
    private final int userfaultfd;
    private final int stop;
    private final RangeTable ranges = new RangeTable();
    private final RequestHandler handler;
    private final FaultLoop faults;
    private final Thread requestThread;
    private final Thread faultThread;
    /** The two threads; the last to end closes the descriptors, whose numbers both use. */
    private final AtomicInteger users = new AtomicInteger(2);
    private final Message notice = new Message();

    private ClientSession(ServerContext context, HeldClient client) throws IOException {
        this.context = context;
        this.id = client.id();
        this.socket = client.socket();
        this.userfaultfd = client.userfaultfd();
        this.stop = Descriptors.event();
        PeerRights rights = new PeerRights(context.fs(), UnixSocket.peer(socket));
        this.handler = new RequestHandler(context, rights, id, userfaultfd, ranges);
        this.faults = new FaultLoop(userfaultfd, stop, ranges, this::end);
        this.requestThread = thread("requests", this::answer);
        this.faultThread = thread("faults", this::answerFaults);
    }

    private Thread thread(String name, Runnable task) {
        return Thread.ofPlatform().daemon().name("holdfast-" + name + "-" + id).unstarted(task);
    }

    /** Reads the first message of a connection, which then belongs to the session returned. */
    static ClientSession greeted(ServerContext context, long id, int socket, Message message)
            throws IOException {
        if (!message.receive(socket)) {
            throw new WireException("the connection ended before HELLO");
        }
        int userfaultfd = Handshake.accept(message);
        ClientSession session = null;
        try {
            HeldClient client = new HeldClient(id, socket, userfaultfd);
            session = new ClientSession(context, client);
            context.ledger().joined(client);
            Handshake.welcome(context, message);
            session.greet(message);
            return session;
        } finally {
            if (session == null) {
                Linux.close(userfaultfd);
            }
        }
    }

    /** A peer that has gone meanwhile leaves as every client does, when its session has started. */
    private void greet(Message welcome) {
        try {
            welcome.send(socket);
        } catch (ErrnoException e) {
            LOG.log(Level.DEBUG, "client " + id + " has gone before it was greeted", e);
        }
    }

    /**
     * Takes over a client of an earlier server, whose mappings are write-protected already. One
     * that cannot have all its mappings back is cut off.
     */
    static ClientSession resumed(ServerContext context, HeldClient client) throws IOException {
        ClientSession session = new ClientSession(context, client);
        for (HeldHandle handle : client.handles().values()) {
            session.handler.resume(handle);
        }
        boolean isWhole = true;
        for (HeldMapping mapping : client.mappings().values()) {
            isWhole &= session.handler.resume(mapping);
        }
        if (!isWhole) {
            session.end();
        }
        return session;
    }

    void start() {
        faultThread.start();
        requestThread.start();
    }

    /** Has every fault of a resumed client come again, and requests without an answer. */
    void wake() {
        for (ServedRange range : ranges.all()) {
            if (range.pages().address() != 0) {
                Userfaultfd.wake(userfaultfd, range.pages().address(), range.pages().lengthBytes());
            }
        }
        notify(MessageType.RESTARTED);
    }

    /** Tells the client something it did not ask for. */
    void notify(MessageType type) {
        synchronized (notice) {
            try {
                notice.begin(type, 0).sendNow(socket);
            } catch (ErrnoException e) {
                LOG.log(Level.DEBUG, "client " + id + " does not listen", e);
            }
        }
    }

    /** Ends the connection; the session's threads then end by themselves. */
    void end() {
        UnixSocket.shutdown(socket);
    }

    void join(long millis) throws InterruptedException {
        requestThread.join(Math.max(1, millis));
    }

    long faultsServed() {
        return faults.served();
    }

    private void answer() {
        try {
            Message message = new Message();
            while (message.receive(socket)) {
                // No request has any to give.
                message.discardDescriptors();
                handler.handle(message);
                message.send(socket, handler.descriptors());
                handler.sent();
            }
        } catch (WireException e) {
            LOG.log(Level.DEBUG, "client " + id + " is cut off: " + e.getMessage());
        } catch (ErrnoException e) {
            LOG.log(Level.DEBUG, "client " + id + " has gone", e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "client " + id + " is cut off", e);
        } finally {
            leave();
        }
    }

    private void answerFaults() {
        try {
            faults.run();
        } finally {
            done();
        }
    }

    /**
     * A mapping is taken out of the table before it is write-protected and let go; from then on
     * none of its faults is answered. So nothing waits here for the thread that answers them: a
     * client that makes its userfaultfd a blocking one could hold that up.
     */
    private void leave() {
        UnixSocket.shutdown(socket);
        handler.sent();
        Descriptors.signal(stop);
        handler.closeAll();
        context.ledger().left(id);
        done();
    }

    private void done() {
        if (users.decrementAndGet() == 0) {
            context.left(this);
            Linux.close(userfaultfd);
            Linux.close(socket);
            Linux.close(stop);
        }
    }

    /** Refuses what a client has too much of. */
    static void requireRoom(int held, int most, String what) throws HoldfastException {
        if (held >= most) {
            throw new HoldfastException(ErrorCode.NO_MEMORY,
                    "a client may have " + most + " " + what + " at a time");
        }
    }
}
