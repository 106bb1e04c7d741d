package dev.holdfast.faultd.ledger;

/**
 * Hears of everything that the next server must know, before the client hears that it is so. What
 * is told once is not lost with the process that told it.
 *
 * <p>Thread safety: called by any number of threads; calls for one client come one after another.
 */
public interface ClientLedger {
    /** Nobody takes over. */
    ClientLedger NONE = new ClientLedger() {
        @Override
        public void joined(HeldClient client) {}

        @Override
        public void left(long client) {}

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
    };

    /** A client is there. The descriptors stay the caller's. */
    void joined(HeldClient client);

    /** A client has gone, with all it had. */
    void left(long client);

    /** A client opened a file. */
    void opened(long client, HeldHandle handle);

    /** A client let go of a file. */
    void closed(long client, long handle);

    /** A client has a mapping. */
    void mapped(long client, HeldMapping mapping);

    /** A client has laid a mapping at an address. */
    void attached(long client, long mapping, long address);

    /** A client's mapping is no more. */
    void unmapped(long client, long mapping);
}
