package dev.holdfast.fuse;

import dev.holdfast.fs.ChangeGate;
import java.io.IOException;
import java.lang.System.Logger.Level;

/** Serves requests: finds the operation, and sees to it that each request is answered once. */
final class Dispatcher {
    private static final System.Logger LOG = System.getLogger(Dispatcher.class.getName());

    private interface Operation {
        void serve(Request request, Reply reply) throws IOException;
    }

    private final Session session;
    private final Operation[] operations = new Operation[Op.END];

    Dispatcher(Session session) {
        this.session = session;
        AttributeWriter writer = new AttributeWriter(session);
        addNames(new NameOps(session, writer), new DirectoryOps(session, writer));
        addFiles(new FileOps(session));
        AttributeOps attributes = new AttributeOps(session, writer);
        operations[Op.GETATTR] = attributes::get;
        operations[Op.STATX] = attributes::statx;
        operations[Op.SETATTR] = changing(attributes::set);
        operations[Op.STATFS] = attributes::statfs;
        XattrOps xattrs = new XattrOps(session);
        operations[Op.SETXATTR] = changing(xattrs::set);
        operations[Op.GETXATTR] = xattrs::get;
        operations[Op.LISTXATTR] = xattrs::list;
        operations[Op.REMOVEXATTR] = changing(xattrs::remove);
        operations[Op.DESTROY] = (request, reply) -> session.refuse();
        // The kernel checks permissions itself; nobody should ask.
        operations[Op.ACCESS] = (request, reply) -> session.inode(request.node());
        operations[Op.IOCTL] = (request, reply) -> {
            throw new FuseException(FuseErrno.ENOTTY, "no control calls");
        };
    }

    private void addNames(NameOps names, DirectoryOps directories) {
        operations[Op.LOOKUP] = names::lookup;
        operations[Op.READLINK] = names::readLink;
        operations[Op.SYMLINK] = changing(names::makeLink);
        operations[Op.MKNOD] = changing(names::makeNode);
        operations[Op.MKDIR] = changing(names::makeDirectory);
        operations[Op.UNLINK] = changing(names::unlink);
        operations[Op.RMDIR] = changing(names::removeDirectory);
        operations[Op.RENAME] = changing(names::rename);
        operations[Op.RENAME2] = changing(names::rename2);
        operations[Op.LINK] = changing(names::link);
        operations[Op.CREATE] = changing(names::create);
        operations[Op.TMPFILE] = changing(names::createNameless);
        operations[Op.READDIR] = directories::read;
        operations[Op.READDIRPLUS] = directories::readPlus;
    }

    private void addFiles(FileOps files) {
        operations[Op.OPEN] = changing(files::open);
        operations[Op.READ] = files::read;
        operations[Op.WRITE] = changing(files::write);
        operations[Op.RELEASE] = files::release;
        operations[Op.FSYNC] = changing(files::sync);
        operations[Op.FSYNCDIR] = changing(files::sync);
        operations[Op.OPENDIR] = files::openDirectory;
        operations[Op.RELEASEDIR] = files::release;
        operations[Op.FALLOCATE] = changing(files::allocate);
        operations[Op.LSEEK] = files::seek;
        operations[Op.COPY_FILE_RANGE] = changing(files::copy);
        operations[Op.SYNCFS] = changing(files::syncAll);
    }

    /** Lets a change wait while the volume is frozen, as every other user's. */
    private Operation changing(Operation operation) {
        return (request, reply) -> {
            try (ChangeGate _ = session.fs().changing()) {
                operation.serve(request, reply);
            }
        };
    }

    /** Serves one request. Whatever it is, this returns, and the volume is as sound as before. */
    void serve(Request request, Reply reply) throws IOException {
        reply.begin(request.unique());
        int errno = 0;
        try {
            if (!perform(request, reply)) {
                return;
            }
            errno = reply.refusal();
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            if (reply.isSent()) {
                throw e;
            }
            log(request, e);
            errno = FuseErrno.of(e);
        }
        answer(reply, errno);
    }

    private static void log(Request request, Throwable thrown) {
        boolean isDefect = thrown instanceof RuntimeException || thrown instanceof Error;
        Level level = isDefect ? Level.ERROR : Level.DEBUG;
        if (LOG.isLoggable(level)) {
            LOG.log(level, "opcode " + request.opcode() + " on node " + request.node(), thrown);
        }
    }

    private void answer(Reply reply, int errno) throws IOException {
        boolean isDelivered = false;
        try {
            if (errno != 0) {
                takeBack(reply);
                reply.sendError(errno);
            } else if (!reply.isSent()) {
                reply.send();
            }
            isDelivered = true;
        } finally {
            if (!isDelivered && errno == 0) {
                takeBack(reply);
            }
        }
    }

    /** What the kernel does not hear of, it will not forget. */
    private void takeBack(Reply reply) {
        for (int i = 0; i < reply.grants(); i++) {
            session.forget(reply.grantedNode(i), 1);
        }
    }

    /** Performs a request; false when it wants no answer. */
    private boolean perform(Request request, Reply reply) throws IOException {
        int opcode = request.opcode();
        boolean isAnswered = opcode != Op.FORGET && opcode != Op.BATCH_FORGET
                && opcode != Op.INTERRUPT;
        try {
            request.requireWellFormed();
            if (opcode == Op.INIT) {
                Handshake.serve(request, reply, session);
            } else if (!session.isReady()) {
                throw new FuseException(FuseErrno.EIO, "a request outside of a session");
            } else if (isAnswered) {
                operation(opcode).serve(request, reply);
            } else {
                note(request);
            }
        } catch (FuseException e) {
            if (isAnswered) {
                throw e;
            }
        }
        return isAnswered;
    }

    private Operation operation(int opcode) throws FuseException {
        Operation operation = opcode >= 0 && opcode < Op.END ? operations[opcode] : null;
        if (operation == null) {
            // Among them FLUSH and the calls for locks: the kernel then asks no more, and keeps
            // locks itself, with waiting, signals and dead-lock detection.
            throw new FuseException(FuseErrno.ENOSYS, "opcode " + opcode);
        }
        return operation;
    }

    /** Hears what wants no answer. Nothing here takes long enough for an interrupt to matter. */
    private void note(Request request) throws FuseException {
        if (request.opcode() == Op.FORGET) {
            session.forget(request.node(), request.getLong(Wire.FORGET_LOOKUPS));
        } else if (request.opcode() == Op.BATCH_FORGET) {
            long count = request.getSize(Wire.BATCH_COUNT);
            long entries = (request.bodyBytes() - Wire.BATCH_BYTES) / Wire.BATCH_ENTRY_BYTES;
            for (int i = 0; i < Math.min(count, entries); i++) {
                int at = Wire.BATCH_BYTES + i * Wire.BATCH_ENTRY_BYTES;
                session.forget(request.getLong(at), request.getLong(at + Long.BYTES));
            }
        }
    }
}
