package dev.holdfast.faultd;

import dev.holdfast.faultd.ledger.ClientLedger;
import dev.holdfast.faultd.ledger.HeldClient;
import dev.holdfast.faultd.ledger.HeldHandle;
import dev.holdfast.faultd.ledger.HeldMapping;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A ledger of who is there. */
final class LedgerBook implements ClientLedger {
    private final Set<Long> clients = ConcurrentHashMap.newKeySet();

    /** Returns the clients that have come and not left. */
    Set<Long> clients() {
        return clients;
    }

    @Override
    public void joined(HeldClient client) {
        clients.add(client.id());
    }

    @Override
    public void left(long client) {
        clients.remove(client);
    }

    @Override
    public void opened(long client, HeldHandle handle) {}

    @Override
    public void closed(long client, long handle) {}

    @Override
    public void mapped(long client, HeldMapping mapping) {}

    @Override
    public void attached(long client, long mapping, long address) {}

    @Override
    public void unmapped(long client, long mapping) {}
}
