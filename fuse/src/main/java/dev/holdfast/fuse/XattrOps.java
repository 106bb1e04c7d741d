package dev.holdfast.fuse;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.XattrMode;
import dev.holdfast.fs.Inode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The four calls on extended attributes: those of users, of trusted programs, and of security. */
final class XattrOps {
    private static final String TRUSTED = "trusted.";

    private final Session session;

    XattrOps(Session session) {
        this.session = session;
    }

    void set(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        long size = request.getSize(Wire.SETXATTR_SIZE);
        String name = name(request, Wire.SETXATTR_BYTES);
        int value = request.after(Wire.SETXATTR_BYTES);
        if (size != request.bodyBytes() - value) {
            throw request.invalid("a value of another length than it says");
        }
        XattrMode mode = switch (request.getInt(Wire.SETXATTR_FLAGS)) {
            case 0 -> XattrMode.CREATE_OR_REPLACE;
            case Wire.XATTR_CREATE -> XattrMode.CREATE;
            case Wire.XATTR_REPLACE -> XattrMode.REPLACE;
            default -> throw request.invalid("flags that set no attribute");
        };
        byte[] bytes = request.bytes(value, size).toArray(ValueLayout.JAVA_BYTE);
        try {
            session.fs().xattrs().set(inode, name, bytes, mode);
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.TOO_LARGE) {
                // What local file systems answer where a value is larger than they can hold.
                throw new FuseException(FuseErrno.ENOSPC, e.getMessage());
            }
            throw e;
        }
    }

    void get(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        long room = request.getSize(Wire.GETXATTR_SIZE);
        byte[] value = session.fs().xattrs().get(inode, name(request, Wire.GETXATTR_BYTES));
        answer(value, room, reply);
    }

    void list(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (String name : session.fs().xattrs().list(inode)) {
            if (request.uid() == 0 || !name.startsWith(TRUSTED)) {
                names.writeBytes(name.getBytes(StandardCharsets.UTF_8));
                names.write(0);
            }
        }
        answer(names.toByteArray(), request.getSize(Wire.GETXATTR_SIZE), reply);
    }

    /** Without room, the length; with too little, ERANGE. */
    private static void answer(byte[] bytes, long room, Reply reply) throws FuseException {
        if (room == 0) {
            reply.putInt(reply.add(Wire.GETXATTR_OUT_BYTES), bytes.length);
        } else if (bytes.length > room || bytes.length > Reply.BODY_BYTES) {
            throw new FuseException(FuseErrno.ERANGE, bytes.length + " bytes do not fit");
        } else {
            reply.putBytes(reply.add(bytes.length), bytes);
        }
    }

    void remove(Request request, Reply reply) throws IOException {
        session.fs().xattrs().remove(session.inode(request.node()), name(request, 0));
    }

    private static String name(Request request, int offset) throws FuseException {
        String name = request.string(offset);
        int dot = name.indexOf('.');
        String space = dot < 0 ? "" : name.substring(0, dot);
        boolean isKnown = space.equals("user") || space.equals("trusted")
                || space.equals("security");
        if (!isKnown || dot == name.length() - 1) {
            throw new FuseException(FuseErrno.EOPNOTSUPP, "attributes like " + name);
        }
        return name;
    }
}
