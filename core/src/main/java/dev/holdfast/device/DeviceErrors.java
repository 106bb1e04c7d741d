package dev.holdfast.device;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;

/** Turns a failed system call into what it means to the caller. */
final class DeviceErrors {
    private DeviceErrors() {}

    static HoldfastException translate(String what, ErrnoException e) {
        return new HoldfastException(code(e.errno()), what + ": " + e.getMessage(), e);
    }

    private static ErrorCode code(int errno) {
        return switch (errno) {
            case Errno.ENOENT -> ErrorCode.NOT_FOUND;
            case Errno.EACCES, Errno.EPERM -> ErrorCode.ACCESS_DENIED;
            case Errno.EEXIST -> ErrorCode.EXISTS;
            case Errno.EISDIR -> ErrorCode.IS_A_DIRECTORY;
            case Errno.ENOSPC, Errno.EDQUOT -> ErrorCode.NO_SPACE;
            case Errno.EROFS -> ErrorCode.READ_ONLY;
            case Errno.ENOMEM, Errno.EMFILE -> ErrorCode.NO_MEMORY;
            case Errno.EFBIG -> ErrorCode.TOO_LARGE;
            case Errno.EINVAL -> ErrorCode.INVALID;
            case Errno.EOPNOTSUPP, Errno.ENODEV -> ErrorCode.NOT_SUPPORTED;
            default -> ErrorCode.IO_ERROR;
        };
    }
}
