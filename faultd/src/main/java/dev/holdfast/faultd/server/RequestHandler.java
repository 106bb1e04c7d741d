package dev.holdfast.faultd.server;

import dev.holdfast.dax.MapFlags;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.faultd.ledger.HeldHandle;
import dev.holdfast.faultd.ledger.HeldMapping;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.Protocol;
import dev.holdfast.faultd.wire.WireException;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import dev.holdfast.fs.BlockRun;
import dev.holdfast.fs.ChangeGate;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import dev.holdfast.fs.Namespace.NewInode;
import dev.holdfast.fs.Paths.Parent;
import dev.holdfast.fs.ServedMapping;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Performs one client's requests, one after another. A request is taken apart whole before any of
 * it is looked at: one of the wrong length ends the connection, whatever it asks for. Each can be
 * performed once more without harm, for a client repeats what a server that died has not answered.
 */
final class RequestHandler {
    private static final System.Logger LOG = System.getLogger(RequestHandler.class.getName());
    private static final int[] NONE = {};

    /** An open file. */
    private record Handle(Inode inode, long ino, int flags) {
        boolean isWritable() {
            return (flags & Protocol.OPEN_WRITE) != 0;
        }
    }

    private final ServerContext context;
    private final FileSystem fs;
    private final PeerRights rights;
    private final long client;
    private final int userfaultfd;
    private final RangeTable ranges;
    private final Map<Long, Handle> handles = new HashMap<>();
    private int[] descriptors = NONE;

    RequestHandler(ServerContext context, PeerRights rights, long client, int userfaultfd,
            RangeTable ranges) {
        this.context = context;
        this.fs = context.fs();
        this.rights = rights;
        this.client = client;
        this.userfaultfd = userfaultfd;
        this.ranges = ranges;
    }

    /** Descriptors to send with the answer. */
    int[] descriptors() {
        return descriptors;
    }

    /** The answer is sent. */
    void sent() {
        descriptors = NONE;
    }

    /**
     * Performs a request and turns the message into the answer.
     *
     * @throws WireException when it is no request at all
     */
    void handle(Message message) throws WireException {
        MessageType type = message.type();
        long request = message.request();
        try (ChangeGate _ = fs.changing()) {
            perform(message, type, request);
        } catch (WireException e) {
            throw e;
        } catch (HoldfastException e) {
            refuse(message, type, request, e.code(), e.getMessage());
        } catch (IOException e) {
            refuse(message, type, request, ErrorCode.IO_ERROR, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, type + " of client " + client, e);
            refuse(message, type, request, ErrorCode.IO_ERROR, String.valueOf(e.getMessage()));
        }
    }

    private void refuse(Message message, MessageType type, long request, ErrorCode code,
            String why) {
        descriptors = NONE;
        message.discardDescriptors();
        message.begin(type, request, code.errno())
                .putText(why.length() <= 1000 ? why : why.substring(0, 1000));
    }

    private void perform(Message message, MessageType type, long request) throws IOException {
        switch (type) {
            case OPEN -> open(message, request);
            case CLOSE -> close(message, request);
            case STAT -> stat(message, request);
            case TRUNCATE -> truncate(message, request);
            case PUNCH -> punch(message, request);
            case FSYNC -> fsync(message, request);
            case MAP -> map(message, request);
            case RUNS -> runs(message, request);
            case ATTACH -> attach(message, request);
            case UNMAP -> unmap(message, request);
            case PERSIST -> persist(message, request);
            default -> throw new WireException(type + " is no request of a client");
        }
    }

    // ---- files

    private void open(Message message, long request) throws IOException {
        long id = message.getLong();
        int flags = message.getInt();
        int mode = message.getInt();
        String path = message.getText();
        message.requireEnd();
        if ((flags & ~(Protocol.OPEN_WRITE | Protocol.OPEN_CREATE)) != 0) {
            throw new WireException("OPEN: flags " + flags);
        }
        Handle handle = handles.get(id);
        if (handle == null) {
            ClientSession.requireRoom(handles.size(), Protocol.HELD_MAX, "open files");
            handle = openFile(path, flags, mode & 0777);
            handles.put(id, handle);
            context.ledger().opened(client, new HeldHandle(id, handle.ino(), flags));
        }
        answerStat(message, MessageType.OPEN, request, handle);
    }

    private Handle openFile(String path, int flags, int mode) throws IOException {
        Inode inode = (flags & Protocol.OPEN_CREATE) == 0
                ? fs.paths().resolve(path, rights::requireSearch)
                : resolveOrCreate(path, mode);
        rights.requireRead(inode);
        if ((flags & Protocol.OPEN_WRITE) != 0) {
            rights.requireWrite(inode);
        }
        fs.files().open(inode, path);
        return new Handle(inode, fs.attributes().stat(inode).inode(), flags);
    }

    private Inode resolveOrCreate(String path, int mode) throws IOException {
        while (true) {
            try {
                return fs.paths().resolve(path, rights::requireSearch);
            } catch (HoldfastException e) {
                if (e.code() != ErrorCode.NOT_FOUND) {
                    throw e;
                }
            }
            Parent parent = fs.paths().parent(path, rights::requireSearch);
            rights.requireWrite(parent.directory());
            try {
                return fs.namespace().create(parent.directory(), parent.name(), new NewInode(
                        FileType.FILE, mode, rights.peer().user(), rights.peer().group(), 0, null));
            } catch (HoldfastException e) {
                if (e.code() != ErrorCode.EXISTS || isDanglingLink(parent)) {
                    throw e;
                }
            }
        }
    }

    /** A name that is taken and leads nowhere would be tried for ever. */
    private boolean isDanglingLink(Parent parent) throws IOException {
        return fs.attributes().stat(fs.namespace().lookup(parent.directory(), parent.name())).type()
                == FileType.SYMLINK;
    }

    private void close(Message message, long request) throws IOException {
        long id = message.getLong();
        message.requireEnd();
        Handle handle = handles.remove(id);
        if (handle != null) {
            fs.release(handle.inode());
            context.ledger().closed(client, id);
        }
        message.begin(MessageType.CLOSE, request);
    }

    private void stat(Message message, long request) throws IOException {
        long id = message.getLong();
        message.requireEnd();
        Handle handle = handle(id);
        answerStat(message, MessageType.STAT, request, handle);
    }

    private void answerStat(Message message, MessageType type, long request, Handle handle) {
        FileStat stat = fs.attributes().stat(handle.inode());
        message.begin(type, request).putLong(stat.sizeBytes()).putLong(stat.inode())
                .putLong(stat.blocks());
    }

    private void truncate(Message message, long request) throws IOException {
        long id = message.getLong();
        long size = message.getSize();
        message.requireEnd();
        fs.truncation().setSize(writable(id).inode(), size);
        message.begin(MessageType.TRUNCATE, request);
    }

    private void punch(Message message, long request) throws IOException {
        long id = message.getLong();
        long offset = message.getSize();
        long length = message.getSize();
        message.requireEnd();
        fs.truncation().punch(writable(id).inode(), offset, length);
        message.begin(MessageType.PUNCH, request);
    }

    private void fsync(Message message, long request) throws IOException {
        long id = message.getLong();
        boolean isDataOnly = message.getInt() != 0;
        message.requireEnd();
        Handle handle = handle(id);
        if (isDataOnly) {
            fs.files().fdatasync(handle.inode());
        } else {
            fs.files().fsync(handle.inode());
        }
        message.begin(MessageType.FSYNC, request);
    }

    private Handle handle(long id) throws HoldfastException {
        Handle handle = handles.get(id);
        if (handle == null) {
            throw new HoldfastException(ErrorCode.INVALID, "file " + id + " is not open");
        }
        return handle;
    }

    private Handle writable(long id) throws HoldfastException {
        Handle handle = handle(id);
        if (!handle.isWritable()) {
            throw new HoldfastException(ErrorCode.ACCESS_DENIED,
                    "file " + id + " is open for reading only");
        }
        return handle;
    }

    // ---- mappings

    private void map(Message message, long request) throws IOException {
        long id = message.getLong();
        long file = message.getLong();
        long offset = message.getSize();
        long length = message.getSize();
        int mode = message.getInt();
        message.requireEnd();
        if (mode != Protocol.MAP_READ_ONLY && mode != Protocol.MAP_SHARED
                && mode != Protocol.MAP_SYNC) {
            throw new WireException("MAP: mode " + mode);
        }
        Handle handle = mode == Protocol.MAP_READ_ONLY ? handle(file) : writable(file);
        ServedRange range = ranges.byId(id);
        if (range == null) {
            requireMappable(offset, length);
            ClientSession.requireRoom(ranges.all().length, Protocol.HELD_MAX, "mappings");
            range = serve(id, handle, offset, length, mode);
        } else if (!range.isSame(handle.ino(), offset, length, mode)) {
            throw new HoldfastException(ErrorCode.INVALID, "mapping " + id + " is another one");
        }
        descriptors = new int[] {context.device()};
        message.begin(MessageType.MAP, request).putLong(range.mapping().runs().size())
                .putLong(range.pages().lengthBytes());
    }

    private void requireMappable(long offset, long length) throws HoldfastException {
        if (length == 0 || offset % context.unitBytes() != 0
                || length > context.fs().device().sizeBytes()) {
            throw new HoldfastException(ErrorCode.INVALID, "a mapping of " + length
                    + " bytes at offset " + offset + ": the offset must be a multiple of "
                    + context.unitBytes() + ", the length from 1 to the size of the volume");
        }
    }

    private ServedRange serve(long id, Handle handle, long offset, long length, int mode)
            throws IOException {
        ClientPages pages = pages(offset, length);
        // Real huge entries exist on hugetlbfs only, and there always. Elsewhere 2 MiB at once
        // would be 512 entries, most of which nobody may want: mapping ahead finds out.
        ServedMapping mapping = fs.mappings().serve(handle.inode(), offset, length, flags(mode),
                mode != Protocol.MAP_READ_ONLY, false, pages);
        ServedRange range =
                new ServedRange(id, handle.ino(), offset, length, mode, mapping, pages);
        ranges.add(range);
        List<BlockRun> runs = mapping.runs();
        long mapped = runs.stream().mapToLong(BlockRun::pages).sum();
        context.ledger().mapped(client,
                new HeldMapping(id, handle.ino(), offset, length, mode, mapped, 0, runs));
        return range;
    }

    private ClientPages pages(long offset, long length) {
        long unitPages = context.unitBytes() / DaxDevice.BLOCK_BYTES;
        long pages = ((length - 1) / context.unitBytes() + 1) * unitPages;
        return new ClientPages(userfaultfd, context.device(), offset / DaxDevice.BLOCK_BYTES,
                pages, context.unitBytes());
    }

    private static int flags(int mode) {
        return mode == Protocol.MAP_SYNC ? MapFlags.SHARED | MapFlags.SYNC | MapFlags.VALIDATE
                : MapFlags.SHARED;
    }

    private void runs(Message message, long request) throws IOException {
        long id = message.getLong();
        long from = message.getSize();
        message.requireEnd();
        ServedRange range = range(id);
        List<BlockRun> runs = range.mapping().runs();
        if (from > runs.size()) {
            throw new HoldfastException(ErrorCode.INVALID,
                    "run " + from + " of " + runs.size() + " runs");
        }
        message.begin(MessageType.RUNS, request);
        int end = (int) Math.min(runs.size(), from + Protocol.RUNS_MAX);
        for (BlockRun run : runs.subList((int) from, end)) {
            message.putLong(run.deviceBlock()).putLong(run.pages());
        }
    }

    private void attach(Message message, long request) throws IOException {
        long id = message.getLong();
        long address = message.getLong();
        message.requireEnd();
        ServedRange range = range(id);
        ClientPages pages = range.pages();
        if (address <= 0 || address % context.unitBytes() != 0
                || address > Long.MAX_VALUE - pages.lengthBytes()
                || pages.address() != 0 && pages.address() != address
                || pages.address() == 0 && ranges.isTaken(address, pages.lengthBytes())) {
            throw new HoldfastException(ErrorCode.INVALID, "mapping " + range.id()
                    + " cannot be at address 0x" + Long.toHexString(address));
        }
        if (pages.address() == 0) {
            pages.attach(address);
            context.ledger().attached(client, range.id(), address);
        }
        message.begin(MessageType.ATTACH, request);
    }

    private void unmap(Message message, long request) throws IOException {
        long id = message.getLong();
        message.requireEnd();
        ServedRange range = ranges.byId(id);
        if (range != null) {
            end(range);
            context.ledger().unmapped(client, range.id());
        }
        message.begin(MessageType.UNMAP, request);
    }

    private void persist(Message message, long request) throws IOException {
        long id = message.getLong();
        long offset = message.getSize();
        long length = message.getSize();
        message.requireEnd();
        ServedRange range = range(id);
        Objects.checkFromIndexSize(offset, length, range.length());
        persist(range, offset, length);
        message.begin(MessageType.PERSIST, request);
    }

    /** The blocks are the mapping's own for its whole life, whatever the file does. */
    private void persist(ServedRange range, long offset, long length) throws IOException {
        long from = range.offset() + offset;
        long end = from + length;
        for (BlockRun run : range.mapping().runs()) {
            long start = run.filePage() * DaxDevice.BLOCK_BYTES;
            long at = Math.max(from, start);
            long to = Math.min(end, start + run.pages() * DaxDevice.BLOCK_BYTES);
            if (at < to) {
                fs.device().persist(run.deviceBlock() * DaxDevice.BLOCK_BYTES + at - start,
                        to - at);
            }
        }
    }

    private ServedRange range(long id) throws HoldfastException {
        ServedRange range = ranges.byId(id);
        if (range == null) {
            throw new HoldfastException(ErrorCode.INVALID, "there is no mapping " + id);
        }
        return range;
    }

    /**
     * Should the client be lying, its stores stop from here on; they never reach blocks of others.
     */
    private void end(ServedRange range) {
        ranges.remove(range);
        range.pages().seal();
        range.mapping().close();
    }

    // ---- life

    /** Opens a file again that the client had open with an earlier server. */
    void resume(HeldHandle held) {
        try {
            Inode inode = inode(held.ino());
            fs.hold(inode);
            handles.put(held.id(), new Handle(inode, held.ino(), held.flags()));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "client " + client + " has lost its file " + held.id(), e);
        }
    }

    private Inode inode(long ino) throws IOException {
        Inode inode = fs.mappings().resumable(ino);
        if (inode == null) {
            throw new HoldfastException(ErrorCode.NOT_FOUND, "inode " + ino + " is no more");
        }
        return inode;
    }

    /** Makes a mapping again that the client had with an earlier server; returns whether it is. */
    boolean resume(HeldMapping held) {
        ClientPages pages = pages(held.offset(), held.length());
        try {
            Inode inode = inode(held.ino());
            long endPage = fs.mappings().servedEndPage(inode);
            pages.resume(held.address(), endPage);
            ServedMapping mapping = fs.mappings().resume(inode, held.offset(),
                    held.length(), flags(held.mode()), held.mode() != Protocol.MAP_READ_ONLY, false,
                    pages, held.runs());
            pages.resumed();
            mapping.busErrorsUnknown(endPage);
            ranges.add(new ServedRange(held.id(), held.ino(), held.offset(), held.length(),
                    held.mode(), mapping, pages));
            return true;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "client " + client + " has lost its mapping " + held.id(), e);
            return false;
        }
    }

    /** Lets go of everything; no store of the client gets through any more. */
    void closeAll() {
        for (ServedRange range : ranges.all()) {
            end(range);
        }
        handles.values().forEach(handle -> fs.release(handle.inode()));
        handles.clear();
    }
}
