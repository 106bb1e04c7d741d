package dev.holdfast.dax;

import dev.holdfast.device.Medium;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;

/** The flags of a wish to map a file: each is honoured or refused, never ignored (V1-V4, B22). */
public final class MapFlags {
    /** Stores go to the file. */
    public static final int SHARED = 1;
    /** Stores go to private copies. */
    public static final int PRIVATE = 2;
    /** A writable page's metadata is durable. */
    public static final int SYNC = 4;
    /** The caller wants to hear of flags that are not supported. */
    public static final int VALIDATE = 8;

    private static final int KNOWN = SHARED | PRIVATE | SYNC | VALIDATE;

    private MapFlags() {}

    /**
     * Accepts a combination of flags for one file, or says why not.
     *
     * @param syncCapable whether the file can be mapped sync: a regular file with direct access
     *     (V4)
     * @param medium what the volume is on: it must be able to persist from user space (V1, B17)
     * @throws HoldfastException NOT_SUPPORTED for a flag this file or medium cannot honour, INVALID
     *     for a combination that makes no sense anywhere
     */
    public static void check(int flags, boolean syncCapable, Medium medium, String fileName)
            throws HoldfastException {
        if ((flags & ~KNOWN) != 0) {
            throw refused(ErrorCode.NOT_SUPPORTED, fileName,
                    "flags 0x" + Integer.toHexString(flags & ~KNOWN) + " are not known");
        }
        boolean shared = (flags & SHARED) != 0;
        if (shared == ((flags & PRIVATE) != 0)) {
            throw refused(ErrorCode.INVALID, fileName,
                    "ask for either a shared or a private mapping");
        }
        if ((flags & SYNC) == 0) {
            return;
        }
        if (!shared) {
            throw refused(ErrorCode.INVALID, fileName,
                    "a private mapping has nothing to keep durable: drop the sync flag");
        }
        if ((flags & VALIDATE) == 0) {
            throw refused(ErrorCode.INVALID, fileName,
                    "a sync mapping must be asked for with validation");
        }
        if (!syncCapable) {
            throw refused(ErrorCode.NOT_SUPPORTED, fileName,
                    "this file has no direct access, so it cannot be mapped sync");
        }
        if (medium.writeBack() == Medium.WriteBack.NONE
                && medium.survives() == Medium.Survives.POWER_CUT) {
            throw refused(ErrorCode.NOT_SUPPORTED, fileName,
                    "stores cannot be made durable from user space on this medium: "
                            + medium.reason());
        }
    }

    private static HoldfastException refused(ErrorCode code, String fileName, String why) {
        return new HoldfastException(code, "cannot map " + fileName + ": " + why);
    }
}
