package dev.holdfast.faultd.client;

import dev.holdfast.device.CacheLines;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.Protocol;
import dev.holdfast.faultd.wire.WireException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/**
 * A range of a file as one piece of memory, whose page faults the owner of the volume answers.
 *
 * <ol>
 * <li>{@link ClientFile#map}: the owner has bound a block to each page; they are laid side by side,
 *     their faults are the owner's, nothing is mapped yet;
 * <li>{@link #segment} is used by any thread, at memory speed once a page is mapped;
 * <li>{@link #close} unmaps; later access throws {@link IllegalStateException}.
 * </ol>
 *
 * <p>Durability: in a sync mapping a store that has gone through has its metadata durable, and with
 * {@link #persist} its bytes are; in a shared one, with an fsync of the file. Thread-safe.
 */
public final class ClientMapping implements AutoCloseable {
    private final FaultClient client;
    private final long id;
    private final Arena arena = Arena.ofShared();
    private final LaidBlocks blocks;
    private final MemorySegment segment;
    private final boolean isReadOnly;
    private boolean isClosed;

    private ClientMapping(FaultClient client, long id, LaidBlocks blocks, long length,
            boolean isReadOnly) {
        this.client = client;
        this.id = id;
        this.blocks = blocks;
        this.isReadOnly = isReadOnly;
        MemorySegment memory =
                Linux.segment(blocks.address(), length, arena, blocks::unmap);
        this.segment = isReadOnly ? memory.asReadOnly() : memory;
    }

    static ClientMapping map(FaultClient client, long file, int mode, long offset, long length)
            throws IOException {
        Connection connection = client.connection();
        long id = client.nextId();
        LaidBlocks laid = connection.call(MessageType.MAP,
                request -> request.putLong(id).putLong(file).putLong(offset).putLong(length)
                        .putInt(mode),
                answer -> LaidBlocks.announced(answer, connection.unitBytes()));
        ClientMapping mapping = null;
        try {
            lay(connection, id, laid);
            laid.register(connection.faults());
            connection.call(MessageType.ATTACH,
                    request -> request.putLong(id).putLong(laid.address()), answer -> null);
            laid.allow(mode == Protocol.MAP_READ_ONLY);
            mapping = new ClientMapping(client, id, laid, length, mode == Protocol.MAP_READ_ONLY);
            client.began(mapping);
            return mapping;
        } finally {
            if (mapping == null) {
                laid.unmap();
                if (!connection.isEnded()) {
                    connection.call(MessageType.UNMAP, request -> request.putLong(id),
                            answer -> null);
                }
            }
        }
    }

    private static void lay(Connection connection, long id, LaidBlocks laid) throws IOException {
        laid.reserve();
        while (laid.runsLeft() > 0) {
            long from = laid.runsLaid();
            long[] runs = connection.call(MessageType.RUNS,
                    request -> request.putLong(id).putLong(from), ClientMapping::decodeRuns);
            laid.lay(runs);
        }
        laid.requireWhole();
    }

    private static long[] decodeRuns(Message answer) throws WireException {
        long[] runs = new long[2 * Protocol.RUNS_MAX];
        int count = 0;
        while (answer.hasMore() && count < runs.length) {
            runs[count++] = answer.getSize();
            runs[count++] = answer.getSize();
        }
        return Arrays.copyOf(runs, count);
    }

    /** Returns the memory: the whole range, in one piece. */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Makes the bytes of a range, which were stored before, durable: by cache-line write-back,
     * without a call to the owner. In a sync mapping nothing else is needed. On memory that is gone
     * with the machine (tmpfs) there may be no such instruction to use, and then there is nothing
     * to do.
     *
     * @param offset first byte, counted from the start of the mapping
     */
    public void persist(long offset, long length) throws IOException {
        Objects.checkFromIndexSize(offset, length, segment.byteSize());
        if (isReadOnly) {
            throw new HoldfastException(ErrorCode.INVALID, "nothing is stored to " + this);
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException(this + " is closed");
        }
        if (length == 0) {
            return;
        }
        if (client.connection().isPersistedByOwner()) {
            client.connection().call(MessageType.PERSIST,
                    request -> request.putLong(id).putLong(offset).putLong(length),
                    answer -> null);
        } else if (CacheLines.isAvailable()) {
            long start = segment.address() + offset & -64;
            CacheLines.writeBack(start, segment.address() + offset + length - start);
        }
    }

    /**
     * The owner has ended: accesses are bus errors from now on, and never stores without a commit.
     */
    void die() {
        synchronized (this) {
            if (!isClosed) {
                blocks.die(client.connection().faults());
            }
        }
    }

    /**
     * Unmaps. Idempotent.
     *
     * @throws IllegalStateException while a native call holds the memory; the mapping then stays
     */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (isClosed) {
                return;
            }
            arena.close();
            isClosed = true;
        }
        client.ended(this);
        if (!client.connection().isEnded()) {
            client.connection().call(MessageType.UNMAP, request -> request.putLong(id),
                    answer -> null);
        }
    }

    @Override
    public String toString() {
        return "ClientMapping[" + segment.byteSize() + " bytes]";
    }
}
