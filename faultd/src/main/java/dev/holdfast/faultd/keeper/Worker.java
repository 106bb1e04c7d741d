package dev.holdfast.faultd.keeper;

import dev.holdfast.Volume;
import dev.holdfast.faultd.ledger.HeldClient;
import dev.holdfast.faultd.ledger.HeldMapping;
import dev.holdfast.faultd.ledger.HeldState;
import dev.holdfast.faultd.ledger.LedgerWriter;
import dev.holdfast.faultd.server.FaultServer;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.WireException;
import dev.holdfast.ffm.LinuxMount;
import dev.holdfast.fs.BlockRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The owner of a volume, as a child of a {@link Keeper}.
 *
 * <ol>
 * <li>hears what clients hold of an earlier worker;
 * <li>write-protects all their mappings: what its page tables say, nothing, is then no less than
 *     what the hardware allows;
 * <li>opens the volume, which recovers it; blocks that clients map go to nobody else;
 * <li>resumes the mappings and wakes who waits: their faults come again, and are served;
 * <li>serves until the keeper says stop, or is dead; closes the volume.
 * </ol>
 */
public final class Worker {
    /** Opens the volume so that it gives some blocks to nobody; see {@code VolumeLab.withheld}. */
    public interface Opener {
        /** Opens the volume. */
        Volume open(List<BlockRun> withheld) throws IOException;
    }

    /**
     * What else the owner does, such as a mount: begins when the volume is open, ends before it
     * closes.
     */
    public interface Service {
        /** Begins, and returns what ends it. */
        AutoCloseable begin(Volume volume) throws Exception;
    }

    private Worker() {}

    /** Serves, until the end. Fails when the volume cannot be opened or served. */
    public static void run(int channel, Opener opener, Service service) throws Exception {
        // A signal to the keeper's terminal is the keeper's to hear.
        LinuxMount.newSession();
        Message message = new Message();
        HeldState state = new HeldState();
        int listening = hear(channel, message, state);
        for (HeldClient client : state.clients()) {
            client.mappings().values().forEach(
                    mapping -> Seal.protect(client.userfaultfd(), mapping));
        }
        LedgerWriter toKeeper = new LedgerWriter(channel);
        try (Volume volume = opener.open(withheld(state));
                AutoCloseable _ = service.begin(volume);
                FaultServer server = FaultServer.open(volume, listening, toKeeper)) {
            server.resume(state.clients());
            server.start();
            toKeeper.say(MessageType.SERVING);
            awaitStop(channel, message);
        }
    }

    private static int hear(int channel, Message message, HeldState state) throws IOException {
        while (message.receive(channel)) {
            if (message.type() == MessageType.BEGIN) {
                return message.takeDescriptor();
            }
            // A STOP this early is said again when this process serves.
            state.apply(message);
        }
        throw new WireException("the keeper ended before it had told everything");
    }

    private static List<BlockRun> withheld(HeldState state) {
        List<BlockRun> withheld = new ArrayList<>();
        for (HeldClient client : state.clients()) {
            for (HeldMapping mapping : client.mappings().values()) {
                withheld.addAll(mapping.runs());
            }
        }
        return withheld;
    }

    /** The end of the channel is the end of the keeper: nobody would restart this process. */
    private static void awaitStop(int channel, Message message) throws IOException {
        boolean isOpen = true;
        while (isOpen && message.type() != MessageType.STOP) {
            isOpen = message.receive(channel);
        }
    }
}
