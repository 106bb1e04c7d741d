package dev.holdfast;

import dev.holdfast.device.CreateOptions;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.FileDevice;
import dev.holdfast.device.Medium;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.CheckReport;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;
import dev.holdfast.file.VolumeInfo;
import dev.holdfast.file.VolumeSpace;
import dev.holdfast.file.XattrMode;
import dev.holdfast.fs.ChangeGate;
import dev.holdfast.fs.Check;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import dev.holdfast.fs.Limits;
import dev.holdfast.fs.Mkfs;
import dev.holdfast.fs.Mount;
import dev.holdfast.fs.Namespace.NewInode;
import dev.holdfast.fs.Paths.Parent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A volume: a whole file system on a file or device, opened by one process at a time.
 *
 * <p>Paths are absolute within the volume; components are names of 1 to 255 bytes, as text by
 * {@link dev.holdfast.file.NameText}, separated by '/'. Symbolic links are followed, at the end of
 * a path only where a method says so.
 *
 * <p>Durability: a change is ordered when its call returns, and after a crash the volume shows a
 * prefix of all changes. It is durable when {@link #durableLsn} has reached the {@link #changeLsn}
 * read after the call; {@link #awaitDurable} waits for that. {@link CommitPolicy#ALWAYS} waits by
 * itself.
 *
 * <p>Thread-safe. Every method throws {@link HoldfastException} with a code to act on, and
 * {@link IllegalStateException} once the volume is closed.
 */
public final class Volume implements AutoCloseable {
    private static final int DIRECTORY_MODE = 0755;
    private static final int FILE_MODE = 0644;
    private static final int LIST_BATCH = 1024;

    private final FileSystem fs;
    /** Closed after the file system, in this order. */
    private final List<DaxDevice> owned;

    private Volume(FileSystem fs, List<DaxDevice> owned) {
        this.fs = fs;
        this.owned = owned;
    }

    /**
     * Makes a volume file and opens it. On a file system of a disk the file's blocks are written
     * with zeroes first.
     *
     * @param sizeBytes from 1 MiB to 64 TiB; rounded down to whole blocks of 4096
     * @throws HoldfastException EXISTS when there is such a file; NO_SPACE when the host has too
     *     little
     */
    public static Volume create(Path path, long sizeBytes) throws IOException {
        return create(path, sizeBytes, CreateOptions.defaults(), VolumeOptions.defaults());
    }

    /** Makes a volume file and opens it, with options for both. */
    public static Volume create(Path path, long sizeBytes, CreateOptions making,
            VolumeOptions options) throws IOException {
        return create(path, sizeBytes, "", making, options);
    }

    /**
     * Makes a volume file with a name of its own and opens it.
     *
     * @param label the name: at most 32 bytes of UTF-8, without zero bytes; may be empty
     */
    public static Volume create(Path path, long sizeBytes, String label, CreateOptions making,
            VolumeOptions options) throws IOException {
        requireLabel(path, label);
        if (sizeBytes < Limits.VOLUME_MIN_BYTES || sizeBytes > Limits.VOLUME_MAX_BYTES) {
            throw new HoldfastException(ErrorCode.INVALID, path + ": a volume of " + sizeBytes
                    + " bytes; it must have from " + Limits.VOLUME_MIN_BYTES + " (1 MiB) to "
                    + Limits.VOLUME_MAX_BYTES + " (64 TiB)");
        }
        FileDevice device = FileDevice.create(path, sizeBytes & -Limits.BLOCK_BYTES, making);
        return opened(device, label, options, true);
    }

    private static void requireLabel(Path path, String label) throws HoldfastException {
        if (label.indexOf('\0') >= 0
                || !StandardCharsets.UTF_8.newEncoder().canEncode(label)
                || label.getBytes(StandardCharsets.UTF_8).length > Limits.LABEL_BYTES) {
            throw new HoldfastException(ErrorCode.INVALID, path + ": the label must be at most "
                    + Limits.LABEL_BYTES + " bytes of UTF-8 without zero bytes");
        }
    }

    /** Makes a volume on a device and opens it; the device stays the caller's to close. */
    public static Volume create(DaxDevice device, VolumeOptions options) throws IOException {
        var internals = options.internals();
        Mkfs.format(device, "", internals.random(), internals.nowNanos().getAsLong());
        return open(device, options);
    }

    /**
     * Opens a volume file, recovering it if it was not closed.
     *
     * @throws HoldfastException INVALID: not a volume; NOT_SUPPORTED: a newer format; CORRUPT:
     *     damaged, the message names the check; BUSY: in use, the message says by whom
     */
    public static Volume open(Path path) throws IOException {
        return open(path, VolumeOptions.defaults());
    }

    /** Opens a volume file with options. */
    public static Volume open(Path path, VolumeOptions options) throws IOException {
        return opened(FileDevice.open(path, options.isReadOnly()), null, options, true);
    }

    /** Opens the volume on a device; the device stays the caller's to close. */
    public static Volume open(DaxDevice device, VolumeOptions options) throws IOException {
        return opened(device, null, options, false);
    }

    private static Volume opened(DaxDevice device, String newLabel, VolumeOptions options,
            boolean ownsDevice) throws IOException {
        List<DaxDevice> owned = new ArrayList<>();
        Volume volume = null;
        try {
            if (ownsDevice) {
                owned.add(device);
            }
            if (newLabel != null) {
                var internals = options.internals();
                Mkfs.format(device, newLabel, internals.random(),
                        internals.nowNanos().getAsLong());
            }
            DaxDevice used = device;
            if (options.isReadOnly()) {
                // Recovery writes: here to a view, so that the device stays as it is.
                used = device.privateView();
                owned.addFirst(used);
            }
            volume = new Volume(Mount.mount(used, options.mountOptions()), owned);
            return volume;
        } finally {
            if (volume == null) {
                owned.forEach(DaxDevice::close);
            }
        }
    }

    /**
     * Examines a volume file that nobody has open for writing, and changes nothing: recovery of one
     * that was not closed is done in memory only.
     *
     * @throws HoldfastException INVALID: not a volume; NOT_SUPPORTED: a newer format; BUSY: in use,
     *     the message says by whom. Damage is part of the report and not thrown
     */
    public static CheckReport check(Path path) throws IOException {
        try (FileDevice device = FileDevice.open(path, true)) {
            return check(device);
        }
    }

    /** Examines the volume on a device that nobody changes meanwhile; see {@link #check(Path)}. */
    public static CheckReport check(DaxDevice device) throws IOException {
        return Check.run(device);
    }

    FileSystem fileSystem() {
        return fs;
    }

    // ---- files

    /** Opens a regular file, following a link at the end of the path. */
    public DaxFile openFile(String path) throws IOException {
        requireOpen();
        Inode inode = fs.paths().resolve(path, true);
        return naming(path, () -> new DaxFile(fs, path, inode));
    }

    /** Makes a regular file (mode 0644) and opens it; fails with EXISTS when the name is taken. */
    public DaxFile createFile(String path) throws IOException {
        return new DaxFile(fs, path, make(path, FileType.FILE, FILE_MODE, null));
    }

    /** Makes a directory (mode 0755). */
    public void createDirectory(String path) throws IOException {
        make(path, FileType.DIRECTORY, DIRECTORY_MODE, null);
    }

    /** Makes a symbolic link at {@code path}; the target need not exist. */
    public void createSymbolicLink(String path, String target) throws IOException {
        byte[] bytes = fs.paths().encodeTarget(target);
        make(path, FileType.SYMLINK, 0777, bytes);
    }

    private Inode make(String path, FileType type, int mode, byte[] target) throws IOException {
        requireOpen();
        Parent parent = fs.paths().parent(path);
        return changing(path, () -> fs.namespace().create(parent.directory(), parent.name(),
                new NewInode(type, mode, 0, 0, 0, target)));
    }

    /** Gives a file that is no directory one more name. */
    public void link(String existing, String path) throws IOException {
        requireOpen();
        Inode inode = fs.paths().resolve(existing, false);
        Parent parent = fs.paths().parent(path);
        changing(path, () -> {
            fs.namespace().link(inode, parent.directory(), parent.name());
            return null;
        });
    }

    /**
     * Removes a name that is no directory's. Its content goes with the last name, handle and
     * segment.
     */
    public void unlink(String path) throws IOException {
        requireOpen();
        Parent parent = fs.paths().parent(path);
        changing(path, () -> {
            fs.namespace().unlink(parent.directory(), parent.name());
            return null;
        });
    }

    /** Removes an empty directory. */
    public void removeDirectory(String path) throws IOException {
        requireOpen();
        Parent parent = fs.paths().parent(path);
        changing(path, () -> {
            fs.namespace().rmdir(parent.directory(), parent.name());
            return null;
        });
    }

    /** Renames, atomically. */
    public void rename(String from, String to, RenameMode mode) throws IOException {
        requireOpen();
        Parent source = fs.paths().parent(from);
        Parent target = fs.paths().parent(to);
        changing(from + " -> " + to, () -> {
            fs.renamer().rename(source.directory(), source.name(), target.directory(),
                    target.name(), mode);
            return null;
        });
    }

    /** Returns the names in a directory, without "." and "..", in an order that stays. */
    public List<DirectoryEntry> list(String path) throws IOException {
        requireOpen();
        Inode directory = fs.paths().resolve(path, true);
        return naming(path, () -> {
            List<DirectoryEntry> all = new ArrayList<>();
            List<DirectoryEntry> batch = fs.namespace().list(directory, 0, LIST_BATCH);
            while (!batch.isEmpty()) {
                all.addAll(batch);
                batch = fs.namespace().list(directory, batch.getLast().position(), LIST_BATCH);
            }
            return all;
        });
    }

    /** Returns the attributes of what a path leads to. */
    public FileStat stat(String path) throws IOException {
        requireOpen();
        return fs.attributes().stat(fs.paths().resolve(path, true));
    }

    /** Returns the attributes of what a path names, be it a symbolic link. */
    public FileStat statLink(String path) throws IOException {
        requireOpen();
        return fs.attributes().stat(fs.paths().resolve(path, false));
    }

    /** Tells whether a path names something. */
    public boolean exists(String path) throws IOException {
        try {
            statLink(path);
            return true;
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NOT_FOUND || e.code() == ErrorCode.NOT_A_DIRECTORY) {
                return false;
            }
            throw e;
        }
    }

    /** Returns the target of a symbolic link. */
    public String readSymbolicLink(String path) throws IOException {
        requireOpen();
        return fs.paths().readLink(fs.paths().resolve(path, false));
    }

    /** Changes attributes of what a path leads to, at once. */
    public void setAttributes(String path, AttributeChange change) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.attributes().change(fs.paths().resolve(path, true), change);
        }
    }

    /** Sets an extended attribute: a name of up to 255 bytes, a value of up to 65 536. */
    public void setXattr(String path, String name, byte[] value, XattrMode mode)
            throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.xattrs().set(fs.paths().resolve(path, true), name, value, mode);
        }
    }

    /** Returns an extended attribute's value. */
    public byte[] getXattr(String path, String name) throws IOException {
        requireOpen();
        return fs.xattrs().get(fs.paths().resolve(path, true), name);
    }

    /** Returns the names of all extended attributes, sorted. */
    public List<String> listXattrs(String path) throws IOException {
        requireOpen();
        return fs.xattrs().list(fs.paths().resolve(path, true));
    }

    /** Removes an extended attribute. */
    public void removeXattr(String path, String name) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.xattrs().remove(fs.paths().resolve(path, true), name);
        }
    }

    /** Makes the names of a directory durable. */
    public void fsync(String path) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.files().fsync(fs.paths().resolve(path, true));
        }
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    /** Runs a change of names so that its failure names the path. */
    private <T> T changing(String path, Step<T> step) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            return naming(path, step);
        }
    }

    /** Runs a step on inodes so that its failure names the path. */
    private static <T> T naming(String path, Step<T> step) throws IOException {
        try {
            return step.run();
        } catch (HoldfastException e) {
            throw new HoldfastException(e.code(), path + ": " + e.getMessage(), e);
        }
    }

    // ---- the whole volume

    /** Returns the LSN at which every change made so far is durable. */
    public long changeLsn() {
        return fs.changeLsn();
    }

    /** Returns the LSN up to which changes are durable. Never goes back. */
    public long durableLsn() {
        return fs.durableLsn();
    }

    /**
     * Returns when every change up to {@code lsn} is durable. The calling thread commits the log
     * itself, for all who wait.
     *
     * @throws HoldfastException SHUT_DOWN when a write-back has failed: it will never be
     */
    public void awaitDurable(long lsn) throws IOException {
        requireOpen();
        fs.awaitDurable(lsn);
    }

    /** Makes everything durable: data that was written or stored, and every change. */
    public void sync() throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.sync();
        }
    }

    /** Takes the log into the tree now, rather than when it has grown. */
    public void checkpoint() throws IOException {
        try (ChangeGate _ = fs.changing()) {
            fs.checkpoint();
        }
    }

    /**
     * Makes everything durable and keeps changes waiting, stores to pages not mapped yet among
     * them, until {@link #thaw}: the device below stands still and can be copied. Reads go on. A
     * thread that changes the volume waits, also one that closes the last handle or arena of a file
     * without a name; so do not let the thread that is to thaw do that.
     *
     * @throws HoldfastException BUSY, with nothing frozen, while writable memory segments are in
     *     use; INVALID when frozen already; SHUT_DOWN after a failed write-back
     */
    public void freeze() throws IOException {
        requireOpen();
        fs.freeze();
    }

    /** Lets changes go on, from any thread; closing a frozen volume does too. */
    public void thaw() {
        requireOpen();
        fs.thaw();
    }

    /** Returns the space of the volume. */
    public VolumeSpace space() {
        requireOpen();
        return fs.statfs();
    }

    /** Returns identity, geometry, and how the log and the checkpoints stand. */
    public VolumeInfo info() {
        requireOpen();
        return fs.info();
    }

    /** Returns what the volume is on: granularity, write-back, what it survives, and why. */
    public Medium medium() {
        return fs.device().medium();
    }

    /** Returns the device under the volume, with its counters. */
    public DaxDevice device() {
        return fs.device();
    }

    /** Returns counts of faults by kind, and of fallbacks by reason. */
    public FaultStatistics faults() {
        return new FaultStatistics(fs.faultCounters());
    }

    private void requireOpen() {
        if (fs.isClosed()) {
            throw new IllegalStateException(fs.device().name() + " is closed");
        }
    }

    /**
     * Makes everything durable and closes the volume: the next open has nothing to recover. After a
     * failed write-back it closes without a word more on the medium.
     *
     * @throws HoldfastException BUSY while memory segments of a mapping are in use; the volume
     *     stays open for them, and its mappings hand out no more
     */
    @Override
    public void close() throws IOException {
        try {
            fs.close();
        } finally {
            // Not when segments are in use; but a last write-back that fails keeps nothing open.
            if (fs.isClosed()) {
                owned.forEach(DaxDevice::close);
            }
        }
    }

    @Override
    public String toString() {
        return "Volume[" + fs.device().name() + "]";
    }
}
