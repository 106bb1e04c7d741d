package dev.holdfast.fuse;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.NameText;
import dev.holdfast.file.XattrMode;
import dev.holdfast.fs.Inode;
import dev.holdfast.fs.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;

/** The four calls on extended attributes: those of users, of trusted programs, and of security. */
final class XattrOps {
    private static final String TRUSTED = "trusted.";
    private static final int SET_GROUP_ID = 02000;

    private final Session session;

    XattrOps(Session session) {
        this.session = session;
    }

    void set(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        long size = request.getSize(Wire.SETXATTR_SIZE);
        boolean hasMoreFlags = session.has(Wire.SETXATTR_EXT);
        int text = hasMoreFlags ? Wire.SETXATTR_EXT_BYTES : Wire.SETXATTR_BYTES;
        String name = name(request, text);
        int value = request.after(text);
        if (size != request.bodyBytes() - value) {
            throw request.invalid("a value of another length than it says");
        }
        if (size > Limits.XATTR_VALUE_BYTES) {
            throw new FuseException(FuseErrno.E2BIG, "a value of " + size + " bytes");
        }
        XattrMode mode = mode(request, inode, name);
        byte[] bytes = request.bytes(value, size).toArray(ValueLayout.JAVA_BYTE);
        int more = hasMoreFlags ? request.getInt(Wire.SETXATTR_MORE_FLAGS) : 0;
        if ((more & Wire.SETXATTR_ACL_KILL_SGID) != 0) {
            int bits = session.fs().attributes().stat(inode).mode();
            session.fs().attributes().change(inode,
                    new AttributeChange().mode(bits & ~SET_GROUP_ID));
        }
        session.fs().xattrs().set(inode, name, bytes, mode);
    }

    private XattrMode mode(Request request, Inode inode, String name) throws IOException {
        return switch (request.getInt(Wire.SETXATTR_FLAGS)) {
            case 0 -> XattrMode.CREATE_OR_REPLACE;
            case Wire.XATTR_CREATE -> XattrMode.CREATE;
            case Wire.XATTR_REPLACE -> XattrMode.REPLACE;
            // Both can never be: a failure in any case, and which one depends on what is there.
            case Wire.XATTR_CREATE | Wire.XATTR_REPLACE ->
                    session.fs().xattrs().list(inode).contains(name) ? XattrMode.CREATE
                            : XattrMode.REPLACE;
            default -> throw request.invalid("flags that set no attribute");
        };
    }

    void get(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        long room = request.getSize(Wire.GETXATTR_SIZE);
        byte[] value = session.fs().xattrs()
                .getOrNull(inode, name(request, Wire.GETXATTR_BYTES));
        if (value == null) {
            reply.refuse(FuseErrno.ENODATA);
        } else {
            answer(value, room, reply);
        }
    }

    void list(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (String name : session.fs().xattrs().list(inode)) {
            if (request.uid() == 0 || !name.startsWith(TRUSTED)) {
                names.writeBytes(NameText.encode(name));
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
        Inode inode = session.inode(request.node());
        String name = name(request, 0);
        try {
            session.fs().xattrs().remove(inode, name);
        } catch (HoldfastException e) {
            // Who takes away a list that is not there has what was asked for.
            if (e.code() != ErrorCode.NO_DATA || !isList(name)) {
                throw e;
            }
        }
    }

    private static boolean isList(String name) {
        return name.equals("system.posix_acl_access") || name.equals("system.posix_acl_default");
    }

    private static String name(Request request, int offset) throws FuseException {
        String name = request.string(offset);
        int dot = name.indexOf('.');
        String space = dot < 0 ? "" : name.substring(0, dot);
        boolean isKnown = space.equals("user") || space.equals("trusted")
                || space.equals("security") || isList(name);
        if (!isKnown) {
            throw new FuseException(FuseErrno.EOPNOTSUPP, "attributes like " + name);
        }
        if (dot == name.length() - 1) {
            throw request.invalid("an attribute without a name of its own");
        }
        return name;
    }
}
