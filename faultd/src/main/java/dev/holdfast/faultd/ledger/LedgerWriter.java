package dev.holdfast.faultd.ledger;

import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.Protocol;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.fs.BlockRun;
import java.util.List;

/**
 * A ledger that tells the process at the other end of a socket. What was sent stays in the socket
 * when this process is killed. Nobody at the other end is no error here: that shows at the socket
 * itself.
 */
public final class LedgerWriter implements ClientLedger {
    private static final int RUNS_A_MESSAGE = Protocol.RUNS_MAX / 2;

    private final int socket;
    private final Message message = new Message();

    /** Creates a ledger on a socket, which stays the caller's. */
    public LedgerWriter(int socket) {
        this.socket = socket;
    }

    @Override
    public synchronized void joined(HeldClient client) {
        message.begin(MessageType.CLIENT_JOINED, client.id());
        send(client.socket(), client.userfaultfd());
    }

    @Override
    public synchronized void left(long client) {
        message.begin(MessageType.CLIENT_LEFT, client);
        send();
    }

    @Override
    public synchronized void opened(long client, HeldHandle handle) {
        message.begin(MessageType.HANDLE_ADDED, client).putLong(handle.id())
                .putLong(handle.ino()).putInt(handle.flags());
        send();
    }

    @Override
    public synchronized void closed(long client, long handle) {
        message.begin(MessageType.HANDLE_REMOVED, client).putLong(handle);
        send();
    }

    @Override
    public synchronized void mapped(long client, HeldMapping mapping) {
        message.begin(MessageType.MAPPING_ADDED, client).putLong(mapping.id())
                .putLong(mapping.ino()).putLong(mapping.offset()).putLong(mapping.length())
                .putInt(mapping.mode()).putLong(mapping.pages());
        send();
        List<BlockRun> runs = mapping.runs();
        for (int from = 0; from < runs.size(); from += RUNS_A_MESSAGE) {
            message.begin(MessageType.MAPPING_RUNS, client).putLong(mapping.id());
            for (BlockRun run : runs.subList(from, Math.min(runs.size(), from + RUNS_A_MESSAGE))) {
                message.putLong(run.filePage()).putLong(run.deviceBlock()).putLong(run.pages());
            }
            send();
        }
        if (mapping.address() != 0) {
            attached(client, mapping.id(), mapping.address());
        }
    }

    @Override
    public synchronized void attached(long client, long mapping, long address) {
        message.begin(MessageType.MAPPING_ATTACHED, client).putLong(mapping).putLong(address);
        send();
    }

    @Override
    public synchronized void unmapped(long client, long mapping) {
        message.begin(MessageType.MAPPING_REMOVED, client).putLong(mapping);
        send();
    }

    /** Tells everything a client holds. */
    public void tell(HeldClient client) {
        joined(client);
        client.handles().values().forEach(handle -> opened(client.id(), handle));
        client.mappings().values().stream().filter(HeldMapping::isComplete)
                .forEach(mapping -> mapped(client.id(), mapping));
    }

    /** Sends a message that has no more to say than its type. */
    public synchronized void say(MessageType type) {
        message.begin(type, 0);
        send();
    }

    private void send(int... descriptors) {
        try {
            message.send(socket, descriptors);
        } catch (ErrnoException e) {
            // The other end is gone, and whoever waits for it sees the end of the connection.
        }
    }
}
