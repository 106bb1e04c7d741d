package dev.holdfast.faultd.keeper;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.faultd.ledger.HeldMapping;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.Userfaultfd;

/** What is done to the pages of a client whose server is dead. The client may be dead too. */
final class Seal {
    private Seal() {}

    private static long lengthBytes(HeldMapping mapping) {
        return mapping.pages() * DaxDevice.BLOCK_BYTES;
    }

    /** Has every store wait. */
    static void protect(int userfaultfd, HeldMapping mapping) {
        if (mapping.address() == 0) {
            return;
        }
        int result;
        do {
            result = Userfaultfd.protect(
                    userfaultfd, mapping.address(), lengthBytes(mapping), true);
        } while (result == -Errno.EAGAIN);
    }

    /** Has accesses to pages that are not mapped end in bus errors, now and later. */
    static void poison(int userfaultfd, HeldMapping mapping) {
        long at = mapping.address();
        long end = at + lengthBytes(mapping);
        while (at != 0 && at < end) {
            int result = Userfaultfd.poison(userfaultfd, at, end - at);
            if (result == 0) {
                return;
            }
            long done = Userfaultfd.resumedBytes();
            if (done > 0) {
                at += done;
            } else if (result == -Errno.EEXIST) {
                at += DaxDevice.BLOCK_BYTES;
            } else if (result != -Errno.EAGAIN) {
                return;
            }
        }
    }
}
