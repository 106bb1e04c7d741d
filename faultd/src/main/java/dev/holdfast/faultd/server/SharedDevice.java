package dev.holdfast.faultd.server;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;

/**
 * The device as clients get it: a descriptor of memory whose faults the kernel lets others answer.
 */
final class SharedDevice {
    private static final long MAGIC_TMPFS = 0x01021994L;
    private static final long MAGIC_HUGETLBFS = 0x958458f6L;

    private SharedDevice() {}

    /** Opens the device once more, or says why its page faults cannot be served. */
    static int open(DaxDevice device) throws IOException {
        int fd = device.openShared();
        boolean isFit = false;
        try {
            long magic = Linux.fstatfs(fd).magic();
            isFit = magic == MAGIC_TMPFS || magic == MAGIC_HUGETLBFS;
        } catch (ErrnoException e) {
            throw new HoldfastException(ErrorCode.IO_ERROR,
                    device.name() + ": " + e.getMessage(), e);
        } finally {
            if (!isFit) {
                Linux.close(fd);
            }
        }
        if (!isFit) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED, device.name() + ": "
                    + device.medium().reason() + ". The kernel lets another process answer page "
                    + "faults only on tmpfs, memfd and hugetlbfs: make the volume on such a file "
                    + "system, for example under /dev/shm");
        }
        return fd;
    }
}
