package dev.holdfast.explore.agent;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.fs.ContiguousMapping;
import dev.holdfast.fs.FileSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongBinaryOperator;

/**
 * Hears of the JDK's own {@code force()} where the {@link ForceAgent} is there, and makes the pages
 * durable on the volume whose memory it was: the JDK persists whole pages. Thread-safe.
 */
public final class Forces implements AutoCloseable {
    private static final List<Forces> HEARING = new CopyOnWriteArrayList<>();
    private static final long PAGE = DaxDevice.BLOCK_BYTES;

    private final FileSystem fs;

    private Forces(FileSystem fs) {
        this.fs = fs;
    }

    /** Tells whether the agent is there. */
    public static boolean areHeard() {
        return hook() != null;
    }

    /** Hears, if the agent is there, of what is forced of a volume's memory, until closed. */
    public static Forces hear(Volume volume) {
        Forces forces = new Forces(VolumeLab.fileSystem(volume));
        Class<?> hook = hook();
        if (hook != null) {
            HEARING.add(forces);
            listen(hook);
        }
        return forces;
    }

    private static Class<?> hook() {
        try {
            return Class.forName(ForceAgent.HOOK, false, null);
        } catch (ClassNotFoundException noAgent) {
            return null;
        }
    }

    private static void listen(Class<?> hook) {
        LongBinaryOperator listener = Forces::forced;
        try {
            hook.getField(ForceAgent.LISTENER).set(null, listener);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the agent is of another version of Holdfast", e);
        }
    }

    private static long forced(long address, long length) {
        for (Forces forces : HEARING) {
            ContiguousMapping mapping = forces.fs.mappings().writableAt(address);
            if (mapping != null) {
                long start = address & -PAGE;
                long end = address + length + PAGE - 1 & -PAGE;
                try {
                    mapping.persist(start, end - start);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return 0;
    }

    @Override
    public void close() {
        HEARING.remove(this);
    }
}
