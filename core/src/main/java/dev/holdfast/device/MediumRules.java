package dev.holdfast.device;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;

/** Decides how a host's stores are made durable and what that is worth. Pure: it asks nobody. */
final class MediumRules {
    private MediumRules() {}

    /**
     * Decides.
     *
     * @param instruction whether cache-line write-back is at hand
     * @param caveat appended to the reason
     * @throws HoldfastException code NOT_SUPPORTED when the choice cannot be honoured, or
     *     persistent line media has no instruction
     */
    static Medium decide(
            Host host, WriteBackChoice choice, boolean instruction, long mappingUnitBytes,
            String caveat) throws HoldfastException {
        Medium.WriteBack writeBack = switch (choice) {
            case AUTO -> automatic(host, instruction);
            case CACHE_LINE -> cacheLine(instruction);
            case MSYNC -> msync(host);
            case NONE -> none(host);
        };
        Medium.Granularity granularity = writeBack == Medium.WriteBack.MSYNC
                ? Medium.Granularity.PAGE : Medium.Granularity.LINE;
        String reason = host.description() + ", " + manner(writeBack)
                + (choice == WriteBackChoice.AUTO ? "" : " as forced") + caveat;
        return new Medium(
                granularity, writeBack, survives(host, writeBack), mappingUnitBytes, reason);
    }

    private static Medium.WriteBack automatic(Host host, boolean instruction)
            throws HoldfastException {
        if (!host.isDirect()) {
            return Medium.WriteBack.MSYNC;
        }
        if (instruction) {
            return Medium.WriteBack.CACHE_LINE;
        }
        return none(host);
    }

    private static Medium.WriteBack cacheLine(boolean instruction) throws HoldfastException {
        if (!instruction) {
            throw refused("cache-line write-back was forced, but there is none");
        }
        return Medium.WriteBack.CACHE_LINE;
    }

    private static Medium.WriteBack msync(Host host) throws HoldfastException {
        if (host == Host.DAX_DEVICE) {
            throw refused("msync was forced, but device-dax has none");
        }
        return Medium.WriteBack.MSYNC;
    }

    private static Medium.WriteBack none(Host host) throws HoldfastException {
        if (host.isDirect() && host.isPersistent()) {
            throw refused(host.description() + ", but no write-back is in use, so that nothing "
                    + "would survive a power cut");
        }
        return Medium.WriteBack.NONE;
    }

    private static HoldfastException refused(String why) {
        return new HoldfastException(ErrorCode.NOT_SUPPORTED, why + "; start the JVM with "
                + "--add-exports java.base/jdk.internal.misc=dev.holdfast.core (=ALL-UNNAMED on "
                + "the class path) on a processor with clwb, clflush or dc cvap, or change "
                + WriteBackChoice.PROPERTY);
    }

    private static Medium.Survives survives(Host host, Medium.WriteBack writeBack) {
        if (host == Host.MEMORY_FILE) {
            return Medium.Survives.NOTHING;
        }
        // A line written back from a page-cache page has only reached the page cache.
        boolean reachesMedium = host.isDirect() || writeBack == Medium.WriteBack.MSYNC;
        return host.isPersistent() && reachesMedium
                ? Medium.Survives.POWER_CUT : Medium.Survives.PROCESS_KILL;
    }

    private static String manner(Medium.WriteBack writeBack) {
        return switch (writeBack) {
            case CACHE_LINE -> "stores are written back by cache line";
            case MSYNC -> "stores are written back by page with msync";
            case NONE -> "stores are not written back";
            case SIMULATED -> throw new IllegalArgumentException("only traced devices simulate");
        };
    }

    /** Returns the unit to which a persist is rounded out. */
    static long unitBytes(Medium medium, long pageBytes) {
        return medium.granularity() == Medium.Granularity.LINE
                ? DaxDevice.LINE_BYTES : pageBytes;
    }
}
