package dev.holdfast.fuse;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.LinuxMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Mounts and unmounts: by the system calls as root, and otherwise by {@code fusermount3}. */
final class Mounter {
    private static final String DEVICE = "/dev/fuse";
    private static final String HELPER = "fusermount3";
    private static final int HELPER_SECONDS = 30;
    private static final int EBUSY = 16;

    private Mounter() {}

    /** Mounts; returns the channel on which the kernel will ask. */
    static DeviceChannel mount(Path directory, String source, FuseOptions options,
            boolean readOnly) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new HoldfastException(ErrorCode.NOT_A_DIRECTORY,
                    directory + " is not a directory to mount at; make it first");
        }
        if (!Files.exists(Path.of(DEVICE))) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED, "there is no " + DEVICE
                    + ": this kernel has no FUSE; load the module fuse");
        }
        try {
            return LinuxMount.effectiveUser() == 0
                    ? asRoot(directory, source, options, readOnly)
                    : byHelper(directory, source, options, readOnly);
        } catch (ErrnoException e) {
            ErrorCode code = e.errno() == Errno.EACCES || e.errno() == Errno.EPERM
                    ? ErrorCode.ACCESS_DENIED : ErrorCode.IO_ERROR;
            throw new HoldfastException(code, "cannot mount at " + directory + ": "
                    + e.getMessage(), e);
        }
    }

    private static DeviceChannel asRoot(Path directory, String source, FuseOptions options,
            boolean readOnly) throws ErrnoException {
        int fd = Linux.open(DEVICE, Linux.O_RDWR, 0);
        try {
            String data = "fd=" + fd + ",rootmode=40000,user_id=0,group_id="
                    + LinuxMount.effectiveGroup() + ",default_permissions"
                    + (options.isOthersAllowed() ? ",allow_other" : "");
            LinuxMount.mount(source, directory.toString(), MountTable.TYPE,
                    readOnly ? LinuxMount.MS_RDONLY : 0, data);
            return new DeviceChannel(fd);
        } catch (ErrnoException e) {
            Linux.close(fd);
            throw e;
        }
    }

    /** The helper mounts with its own privilege and sends the channel through a socket. */
    private static DeviceChannel byHelper(Path directory, String source, FuseOptions options,
            boolean readOnly) throws IOException {
        int[] sockets = LinuxMount.socketPair();
        try {
            String mountOptions = "default_permissions,subtype=holdfast,fsname="
                    + source.replace("\\", "\\\\").replace(",", "\\,")
                    + (readOnly ? ",ro" : "");
            List<String> environment = new ArrayList<>();
            System.getenv().forEach((name, value) -> environment.add(name + "=" + value));
            environment.add("_FUSE_COMMFD=" + sockets[1]);
            int pid = startHelper(environment, "-o", mountOptions, "--", directory.toString());
            Linux.close(sockets[1]);
            sockets[1] = -1;
            int fd = LinuxMount.receiveDescriptor(sockets[0]);
            int status = LinuxMount.waitFor(pid);
            if (fd < 0 || status != 0) {
                throw new HoldfastException(ErrorCode.ACCESS_DENIED, HELPER
                        + " did not mount at " + directory + ": why stands on standard error. "
                        + "The directory must belong to who mounts there");
            }
            return new DeviceChannel(fd);
        } finally {
            Linux.close(sockets[0]);
            if (sockets[1] >= 0) {
                Linux.close(sockets[1]);
            }
        }
    }

    private static int startHelper(List<String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(HELPER));
        command.addAll(List.of(arguments));
        try {
            return LinuxMount.spawn(command.toArray(String[]::new),
                    environment.toArray(String[]::new));
        } catch (ErrnoException e) {
            throw e.errno() == Errno.ENOENT ? noHelper(e) : e;
        }
    }

    private static HoldfastException noHelper(IOException e) {
        return new HoldfastException(ErrorCode.NOT_SUPPORTED, HELPER + " is not on the PATH: who "
                + "is not root mounts and unmounts by it; install the package fuse3", e);
    }

    /**
     * Unmounts.
     *
     * @param lazily whether programs that still use the mount may keep what they have open
     * @throws HoldfastException BUSY when it is in use, and not lazily; INVALID when nothing is
     *     mounted
     */
    static void unmount(Path directory, boolean lazily) throws IOException {
        if (LinuxMount.effectiveUser() != 0) {
            unmountByHelper(directory, lazily);
            return;
        }
        try {
            LinuxMount.unmount(directory.toString(), lazily ? LinuxMount.MNT_DETACH : 0);
        } catch (ErrnoException e) {
            ErrorCode code = switch (e.errno()) {
                case EBUSY -> ErrorCode.BUSY;
                case Errno.EINVAL -> ErrorCode.INVALID;
                case Errno.EPERM -> ErrorCode.ACCESS_DENIED;
                default -> ErrorCode.IO_ERROR;
            };
            throw new HoldfastException(code, directory + " cannot be unmounted: "
                    + (code == ErrorCode.BUSY ? "programs use it; end them, or unmount lazily"
                            : e.getMessage()), e);
        }
    }

    private static void unmountByHelper(Path directory, boolean lazily) throws IOException {
        List<String> command = new ArrayList<>(List.of(HELPER, "-u"));
        if (lazily) {
            command.add("-z");
        }
        command.addAll(List.of("--", directory.toString()));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw noHelper(e);
        }
        String said = new String(process.getInputStream().readAllBytes()).strip();
        try {
            if (!process.waitFor(HELPER_SECONDS, TimeUnit.SECONDS)) {
                process.destroy();
            } else if (process.exitValue() == 0) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new HoldfastException(said.contains("busy") ? ErrorCode.BUSY : ErrorCode.IO_ERROR,
                directory + " cannot be unmounted: " + said);
    }
}
