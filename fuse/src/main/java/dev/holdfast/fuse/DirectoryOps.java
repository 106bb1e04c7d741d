package dev.holdfast.fuse;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileType;
import dev.holdfast.file.NameText;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * READDIR and READDIRPLUS. A cookie is the position of a name, which does not change while others
 * come and go; names of one position, which have the same hash, go into a reply together.
 */
final class DirectoryOps {
    private static final int AFTER_SELF = 1;
    private static final int AFTER_PARENT = 2;
    private static final int ALIGNMENT = 8;
    private static final int TYPICAL_NAME_BYTES = 16;

    private final Session session;
    private final AttributeWriter writer;

    DirectoryOps(Session session, AttributeWriter writer) {
        this.session = session;
        this.writer = writer;
    }

    /** Where a reply is filled, and how. */
    private record Listing(Inode directory, Reply reply, int roomBytes, boolean withEntries) {
        int bytesOf(int nameBytes) {
            int dirent = Wire.DIRENT_NAME + nameBytes;
            int aligned = (dirent + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            return aligned + (withEntries ? Wire.ENTRY_BYTES : 0);
        }

        boolean hasRoom(int bytes) {
            return reply.bodyBytes() + bytes <= roomBytes;
        }
    }

    void read(Request request, Reply reply) throws IOException {
        list(request, reply, false);
    }

    void readPlus(Request request, Reply reply) throws IOException {
        list(request, reply, true);
    }

    private void list(Request request, Reply reply, boolean withEntries) throws IOException {
        Inode directory = session.inode(request.node());
        if (directory.type() != FileType.DIRECTORY) {
            throw new FuseException(FuseErrno.ENOTDIR, directory + " is not a directory");
        }
        long position = request.getLong(Wire.READ_OFFSET);
        if (position < 0) {
            throw request.invalid("a negative cookie");
        }
        session.fs().files().touchAccess(directory);
        int room = (int) Math.min(request.getSize(Wire.READ_SIZE), Reply.BODY_BYTES);
        Listing listing = new Listing(directory, reply, room, withEntries);
        if (position < AFTER_SELF) {
            addDot(listing, ".", directory.number(), AFTER_SELF);
        }
        if (position < AFTER_PARENT) {
            Inode parent = session.fs().namespace().lookup(directory, "..");
            addDot(listing, "..", parent.number(), AFTER_PARENT);
        }
        addNames(listing, Math.max(position, AFTER_PARENT));
    }

    private static void addDot(Listing listing, String name, long ino, int next) {
        if (listing.hasRoom(listing.bytesOf(name.length()))) {
            if (listing.withEntries) {
                // An entry without a node: the kernel does not take it for a look-up.
                listing.reply.add(Wire.ENTRY_BYTES);
            }
            byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
            addDirent(listing, bytes, ino, FileType.DIRECTORY, next);
        }
    }

    private void addNames(Listing listing, long from) throws IOException {
        int room = listing.roomBytes - listing.reply.bodyBytes();
        int wanted = room / listing.bytesOf(TYPICAL_NAME_BYTES) + 1;
        List<DirectoryEntry> names =
                session.fs().namespace().list(listing.directory, from, wanted);
        for (int first = 0; first < names.size(); ) {
            int end = first;
            int bytes = 0;
            long position = names.get(first).position();
            while (end < names.size() && names.get(end).position() == position) {
                bytes += listing.bytesOf(bytes(names.get(end)).length);
                end++;
            }
            if (!listing.hasRoom(bytes)) {
                return;
            }
            for (DirectoryEntry name : names.subList(first, end)) {
                addName(listing, name);
            }
            first = end;
        }
    }

    private static byte[] bytes(DirectoryEntry name) throws CharacterCodingException {
        return NameText.encode(name.name());
    }

    private void addName(Listing listing, DirectoryEntry name) throws IOException {
        if (listing.withEntries) {
            addEntry(listing, name);
        }
        addDirent(listing, bytes(name), name.inode(), name.type(), name.position());
    }

    /** A name that went meanwhile is listed still, as one that is not looked up. */
    private void addEntry(Listing listing, DirectoryEntry name) throws IOException {
        try {
            Inode inode = session.fs().namespace().lookup(listing.directory, name.name());
            if (inode.number() == name.inode()) {
                writer.addEntry(inode, listing.reply);
                return;
            }
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.NOT_FOUND) {
                throw e;
            }
        }
        listing.reply.add(Wire.ENTRY_BYTES);
    }

    private static void addDirent(Listing listing, byte[] name, long ino, FileType type,
            long next) {
        Reply reply = listing.reply;
        int length = listing.bytesOf(name.length)
                - (listing.withEntries ? Wire.ENTRY_BYTES : 0);
        int at = reply.add(length);
        reply.putLong(at + Wire.DIRENT_INO, ino);
        reply.putLong(at + Wire.DIRENT_NEXT, next);
        reply.putInt(at + Wire.DIRENT_NAME_BYTES, name.length);
        reply.putInt(at + Wire.DIRENT_TYPE, type.modeBits() >>> 12);
        reply.putBytes(at + Wire.DIRENT_NAME, name);
    }
}
