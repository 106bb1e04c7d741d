package dev.holdfast.faultd.server;

import dev.holdfast.device.Medium;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.Protocol;
import dev.holdfast.faultd.wire.WireException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The first message and its answer. */
final class Handshake {
    private static final String USERFAULTFD = "anon_inode:[userfaultfd]";
    private static final int O_NONBLOCK = 04000;

    private Handshake() {}

    /** Checks the greeting and returns the client's userfaultfd, the caller's from then on. */
    static int accept(Message message) throws WireException {
        if (message.type() != MessageType.HELLO || message.getInt() != Protocol.MAGIC) {
            throw new WireException("the first message is no greeting");
        }
        int version = message.getInt();
        message.requireEnd();
        if (version != Protocol.VERSION) {
            throw new WireException("version " + version + " of the protocol is not "
                    + Protocol.VERSION);
        }
        int userfaultfd = message.takeDescriptor();
        if (!isUserfaultfd(userfaultfd)) {
            Linux.close(userfaultfd);
            throw new WireException("the descriptor in the greeting is no userfaultfd");
        }
        if (isBlocking(userfaultfd)) {
            Linux.close(userfaultfd);
            throw new WireException("the userfaultfd in the greeting is a blocking one");
        }
        return userfaultfd;
    }

    private static boolean isUserfaultfd(int fd) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString()
                    .equals(USERFAULTFD);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isBlocking(int fd) {
        try {
            return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
                    .filter(line -> line.startsWith("flags:"))
                    .mapToLong(line -> Long.parseLong(line.substring(6).strip(), 8))
                    .noneMatch(flags -> (flags & O_NONBLOCK) != 0);
        } catch (IOException e) {
            return true;
        }
    }

    /** Turns the greeting into its answer. */
    static void welcome(ServerContext context, Message message) {
        Medium medium = context.fs().device().medium();
        int flags = medium.writeBack() == Medium.WriteBack.SIMULATED
                ? Protocol.PERSIST_BY_OWNER : 0;
        flags |= context.fs().isReadOnly() ? Protocol.VOLUME_READ_ONLY : 0;
        message.begin(MessageType.HELLO, message.request())
                .putInt(Protocol.VERSION)
                .putInt(flags)
                .putLong(context.unitBytes())
                .putLong(context.fs().device().sizeBytes());
    }
}
