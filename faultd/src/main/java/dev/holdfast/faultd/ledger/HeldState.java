package dev.holdfast.faultd.ledger;

import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.WireException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.fs.BlockRun;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@link LedgerWriter} told, put together again. Not thread-safe. */
public final class HeldState {
    private final Map<Long, HeldClient> clients = new LinkedHashMap<>();

    /** Creates a state without clients. */
    public HeldState() {}

    /** Returns the clients; their descriptors are this object's owner's. */
    public Collection<HeldClient> clients() {
        return clients.values();
    }

    /**
     * Takes what a message says; returns false when it is no message of a ledger.
     *
     * @throws WireException what it says cannot be
     */
    public boolean apply(Message message) throws WireException {
        long id = message.request();
        switch (message.type()) {
            case CLIENT_JOINED -> joined(id, message.takeDescriptor(), message.takeDescriptor());
            case CLIENT_LEFT -> left(id);
            case HANDLE_ADDED -> {
                HeldHandle handle =
                        new HeldHandle(message.getLong(), message.getLong(), message.getInt());
                client(id).handles().put(handle.id(), handle);
            }
            case HANDLE_REMOVED -> client(id).handles().remove(message.getLong());
            case MAPPING_ADDED -> {
                HeldMapping mapping = new HeldMapping(message.getLong(), message.getLong(),
                        message.getSize(), message.getSize(), message.getInt(), message.getSize(),
                        0, List.of());
                client(id).mappings().put(mapping.id(), mapping);
            }
            case MAPPING_RUNS -> addRuns(id, message);
            case MAPPING_ATTACHED -> {
                HeldMapping mapping = mapping(id, message.getLong());
                client(id).mappings().put(mapping.id(), mapping.at(message.getLong()));
            }
            case MAPPING_REMOVED -> client(id).mappings().remove(message.getLong());
            default -> {
                return false;
            }
        }
        message.requireEnd();
        return true;
    }

    private void joined(long id, int socket, int userfaultfd) throws WireException {
        if (clients.putIfAbsent(id, new HeldClient(id, socket, userfaultfd)) != null) {
            Linux.close(socket);
            Linux.close(userfaultfd);
            throw new WireException("client " + id + " joins twice");
        }
    }

    private void left(long id) throws WireException {
        HeldClient client = client(id);
        clients.remove(id);
        Linux.close(client.socket());
        Linux.close(client.userfaultfd());
    }

    private void addRuns(long id, Message message) throws WireException {
        HeldMapping mapping = mapping(id, message.getLong());
        List<BlockRun> runs = new ArrayList<>(mapping.runs());
        while (message.hasMore()) {
            runs.add(new BlockRun(message.getSize(), message.getSize(), message.getSize()));
        }
        client(id).mappings().put(mapping.id(), mapping.with(runs));
    }

    private HeldClient client(long id) throws WireException {
        HeldClient client = clients.get(id);
        if (client == null) {
            throw new WireException("there is no client " + id);
        }
        return client;
    }

    private HeldMapping mapping(long client, long id) throws WireException {
        HeldMapping mapping = client(client).mappings().get(id);
        if (mapping == null) {
            throw new WireException("client " + client + " has no mapping " + id);
        }
        return mapping;
    }
}
