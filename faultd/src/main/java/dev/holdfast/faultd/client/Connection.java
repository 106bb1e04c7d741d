package dev.holdfast.faultd.client;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.Protocol;
import dev.holdfast.faultd.wire.WireException;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Requests and answers, one at a time.
 *
 * <ol>
 * <li>{@link #open}: connected, and known to the owner by this process's userfaultfd;
 * <li>{@link #call} sends a request and waits; when a new owner has taken over, it is sent again;
 * <li>the owner says that it ends, or the connection does: who waits gets SHUT_DOWN, and the
 *     listener is told, once;
 * <li>{@link #close}.
 * </ol>
 *
 * <p>Lock rule: this object's monitor around a request and its answer. One thread receives.
 */
final class Connection implements AutoCloseable {
    private static final int GREETINGS = 100;

    /** Fills in a request; called again when it is sent again. */
    interface Encoder {
        void encode(Message request);
    }

    /** Takes an answer apart, in the thread that receives. */
    interface Decoder<T> {
        T decode(Message answer) throws WireException;
    }

    private final Path path;
    private final int socket;
    private final ClientFaults faults;
    private final Runnable whenEnded;
    private final int flags;
    private final long unitBytes;
    private final Message request = new Message();
    private final Message answer = new Message();
    private final Object state = new Object();

    // Guarded by state.
    private boolean isEnded;
    private boolean isReceiverDone;
    private boolean isClosed;
    private boolean isWaiting;
    private long awaited;
    private Decoder<?> decoder;
    private Object decoded;
    private IOException failure;

    private Connection(Path path, int socket, ClientFaults faults, Message welcome,
            Runnable whenEnded) throws WireException {
        this.path = path;
        this.socket = socket;
        this.faults = faults;
        this.whenEnded = whenEnded;
        int version = welcome.getInt();
        if (version != Protocol.VERSION) {
            throw new WireException("the owner speaks version " + version + " of the protocol");
        }
        this.flags = welcome.getInt();
        this.unitBytes = welcome.getSize();
        welcome.getSize();
        welcome.requireEnd();
    }

    /** Connects; an owner that dies meanwhile is tried again, for the next to answer. */
    static Connection open(Path path, Runnable whenEnded) throws IOException {
        ClientFaults faults = ClientFaults.open();
        Connection connection = null;
        try {
            for (int tries = 1; connection == null; tries++) {
                connection = greet(path, faults, whenEnded, tries == GREETINGS);
            }
            Thread.ofPlatform().daemon().name("holdfast-client").start(connection::receive);
            return connection;
        } finally {
            if (connection == null) {
                faults.close();
            }
        }
    }

    private static Connection greet(Path path, ClientFaults faults, Runnable whenEnded,
            boolean isLast) throws IOException {
        int socket;
        try {
            socket = UnixSocket.connect(path.toString());
        } catch (ErrnoException e) {
            throw new HoldfastException(e.errno() == Errno.EACCES ? ErrorCode.ACCESS_DENIED
                    : ErrorCode.NOT_FOUND, path + ": " + e.getMessage()
                    + "; is 'holdfast serve' running, with this socket?", e);
        }
        Connection connection = null;
        try {
            Message message = new Message();
            message.begin(MessageType.HELLO, 0).putInt(Protocol.MAGIC).putInt(Protocol.VERSION);
            message.send(socket, faults.descriptor());
            if (message.receive(socket) && message.type() == MessageType.HELLO
                    && message.status() == 0) {
                connection = new Connection(path, socket, faults, message, whenEnded);
                return connection;
            }
        } catch (ErrnoException e) {
            if (isLast) {
                throw new HoldfastException(ErrorCode.IO_ERROR, path + ": " + e.getMessage(), e);
            }
        } finally {
            if (connection == null) {
                Linux.close(socket);
            }
        }
        if (isLast) {
            throw new HoldfastException(ErrorCode.IO_ERROR,
                    path + ": the owner ended the connection: it speaks "
                    + "another version of the protocol, or has as many clients as it takes");
        }
        return null;
    }

    ClientFaults faults() {
        return faults;
    }

    long unitBytes() {
        return unitBytes;
    }

    /** Tells whether only the owner can persist. */
    boolean isPersistedByOwner() {
        return (flags & Protocol.PERSIST_BY_OWNER) != 0;
    }

    /** Sends a request and returns what the decoder makes of the answer. */
    synchronized <T> T call(MessageType type, Encoder encoder, Decoder<T> answerDecoder)
            throws IOException {
        synchronized (state) {
            awaited++;
            isWaiting = true;
            decoder = answerDecoder;
            decoded = null;
            failure = null;
            while (isWaiting) {
                requireAlive();
                encoder.encode(request.begin(type, awaited));
                send();
                awaitAnswer();
            }
            if (failure != null) {
                throw failure;
            }
            @SuppressWarnings("unchecked")
            T result = (T) decoded;
            return result;
        }
    }

    /** The end of the connection shows where it is received. */
    private void send() {
        try {
            request.send(socket);
        } catch (ErrnoException e) {
            UnixSocket.shutdown(socket);
        }
    }

    /**
     * Returns with the answer, or when the request is to be sent again, or at the end. An interrupt
     * does not end the wait: the request is on its way and will be performed.
     */
    private void awaitAnswer() {
        boolean isInterrupted = false;
        while (true) {
            try {
                state.wait();
                break;
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void requireAlive() throws IOException {
        if (isClosed) {
            throw new IllegalStateException(this + " is closed");
        }
        if (isEnded) {
            throw new HoldfastException(ErrorCode.SHUT_DOWN, "the owner of the volume at " + path
                    + " has ended; connect anew when there is one");
        }
    }

    boolean isEnded() {
        synchronized (state) {
            return isEnded;
        }
    }

    private void receive() {
        try {
            while (answer.receive(socket) && answer.type() != MessageType.STOPPING) {
                synchronized (state) {
                    if (answer.type() == MessageType.RESTARTED) {
                        state.notifyAll();
                    } else if (isWaiting && answer.request() == awaited) {
                        answered();
                        isWaiting = false;
                        state.notifyAll();
                    }
                }
            }
        } catch (IOException e) {
            // Ends as the connection does.
        } finally {
            end();
        }
    }

    private void answered() {
        try {
            if (answer.status() != 0) {
                failure = new HoldfastException(code(answer.status()), answer.getText());
            } else {
                decoded = decoder.decode(answer);
                answer.requireEnd();
            }
        } catch (WireException e) {
            failure = e;
        }
    }

    private static ErrorCode code(int errno) {
        for (ErrorCode code : ErrorCode.values()) {
            if (code.errno() == errno) {
                return code;
            }
        }
        return ErrorCode.IO_ERROR;
    }

    /** No store may get through from here on without an owner who knows of it. */
    private void end() {
        synchronized (state) {
            isEnded = true;
            state.notifyAll();
        }
        whenEnded.run();
        answer.discardDescriptors();
        UnixSocket.shutdown(socket);
        synchronized (state) {
            isReceiverDone = true;
            state.notifyAll();
        }
    }

    /** Ends the connection; mappings are unmapped already. */
    @Override
    public void close() {
        synchronized (this) {
            synchronized (state) {
                if (isClosed) {
                    return;
                }
                isClosed = true;
            }
            UnixSocket.shutdown(socket);
            awaitEnd();
            Linux.close(socket);
            faults.close();
        }
    }

    /**
     * The receiver uses the socket to the last: another connection may have its number once it is
     * closed.
     */
    private void awaitEnd() {
        boolean isInterrupted = false;
        synchronized (state) {
            while (!isReceiverDone) {
                try {
                    state.wait();
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
