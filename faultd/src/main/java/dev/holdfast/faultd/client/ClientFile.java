package dev.holdfast.faultd.client;

import dev.holdfast.MapMode;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.Protocol;
import dev.holdfast.faultd.wire.WireException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A file of a volume that another process owns. Mappings of it outlive it. Thread-safe. */
public final class ClientFile implements AutoCloseable {
    private final FaultClient client;
    private final long id;
    private final String path;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    ClientFile(FaultClient client, long id, String path) {
        this.client = client;
        this.id = id;
        this.path = path;
    }

    /** Returns the size in bytes. */
    public long size() throws IOException {
        return client.connection().call(MessageType.STAT, request -> request.putLong(number()),
                ClientFile::decodeSize);
    }

    /** Takes the size, and what follows it: inode number and blocks. */
    static long decodeSize(Message answer) throws WireException {
        long size = answer.getSize();
        answer.getLong();
        answer.getLong();
        return size;
    }

    /**
     * Sets the size. What lies past it can no longer be accessed through any mapping, in any
     * process, when this returns; bytes that come back later are zero.
     */
    public void truncate(long size) throws IOException {
        client.connection().call(MessageType.TRUNCATE,
                request -> request.putLong(number()).putLong(size), answer -> null);
    }

    /** Frees a range, which reads as zero when this returns, in every process. */
    public void punch(long offset, long length) throws IOException {
        client.connection().call(MessageType.PUNCH,
                request -> request.putLong(number()).putLong(offset).putLong(length),
                answer -> null);
    }

    /** Makes everything stored to the file so far, by any process, and all its metadata durable. */
    public void fsync() throws IOException {
        sync(0);
    }

    /** Makes everything stored to the file so far, and what finding it needs, durable. */
    public void fdatasync() throws IOException {
        sync(1);
    }

    private void sync(int isDataOnly) throws IOException {
        client.connection().call(MessageType.FSYNC,
                request -> request.putLong(number()).putInt(isDataOnly), answer -> null);
    }

    /**
     * Maps a range of the file. Its end does not limit the range: what lies past it can be accessed
     * once the file has grown, and is a bus error, in Java an {@link InternalError}, until then. A
     * block is reserved for every page of the range that the file has none for.
     *
     * @param mode READ_ONLY, SHARED or SYNC
     * @param offset first byte, a multiple of the page size (on hugetlbfs, of the huge page size)
     * @throws HoldfastException NO_SPACE: fewer blocks are free than the range has holes
     */
    public ClientMapping map(MapMode mode, long offset, long length) throws IOException {
        int wireMode = switch (mode) {
            case READ_ONLY -> Protocol.MAP_READ_ONLY;
            case SHARED -> Protocol.MAP_SHARED;
            case SYNC -> Protocol.MAP_SYNC;
            case PRIVATE -> throw new HoldfastException(ErrorCode.NOT_SUPPORTED, path
                    + ": private mappings need no owner's answer to faults; open the volume "
                    + "itself");
        };
        return ClientMapping.map(client, number(), wireMode, offset, length);
    }

    private long number() {
        if (isClosed.get()) {
            throw new IllegalStateException(path + " is closed");
        }
        return id;
    }

    /** Lets go of the file; says nothing about durability. Idempotent. */
    @Override
    public void close() throws IOException {
        if (isClosed.compareAndSet(false, true) && !client.connection().isEnded()) {
            client.connection().call(MessageType.CLOSE, request -> request.putLong(id),
                    answer -> null);
        }
    }

    @Override
    public String toString() {
        return "ClientFile[" + path + "]";
    }
}
