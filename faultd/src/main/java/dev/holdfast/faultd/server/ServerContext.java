package dev.holdfast.faultd.server;

import dev.holdfast.faultd.ledger.ClientLedger;
import dev.holdfast.fs.FileSystem;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the sessions of one server share.
 *
 * @param fs the file system
 * @param device a descriptor of the device that holds none of its locks
 * @param unitBytes bytes that are mapped together
 * @param ledger hears what clients hold
 * @param sessions the clients there are
 */
record ServerContext(FileSystem fs, int device, long unitBytes, ClientLedger ledger,
        Set<ClientSession> sessions) {
    ServerContext(FileSystem fs, int device, long unitBytes, ClientLedger ledger) {
        this(fs, device, unitBytes, ledger, ConcurrentHashMap.newKeySet());
    }

    void left(ClientSession session) {
        sessions.remove(session);
    }
}
