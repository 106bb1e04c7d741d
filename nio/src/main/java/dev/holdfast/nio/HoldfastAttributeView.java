package dev.holdfast.nio;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The views "basic", "owner" and "posix" of one file; looks the file up anew each time. */
final class HoldfastAttributeView implements PosixFileAttributeView {
    /** Looks a file up. */
    interface Lookup {
        Inode inode() throws IOException;
    }

    private final HoldfastFileSystem fileSystem;
    private final String name;
    private final Path path;
    private final Lookup lookup;

    HoldfastAttributeView(HoldfastFileSystem fileSystem, String name, Path path, Lookup lookup) {
        this.fileSystem = fileSystem;
        this.name = name;
        this.path = path;
        this.lookup = lookup;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public HoldfastAttributes readAttributes() throws IOException {
        try {
            return new HoldfastAttributes(
                    fileSystem.core().attributes().stat(lookup.inode()), fileSystem.volumeId());
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NOT_A_DIRECTORY) {
                // What lies below a file does not exist: so the default provider says, here.
                throw new NoSuchFileException(path.toString());
            }
            throw Errors.translate(e, path, null);
        }
    }

    void change(AttributeChange change) throws IOException {
        Errors.naming(path, () -> {
            fileSystem.core().attributes().change(lookup.inode(), change);
            return null;
        });
    }

    /** Sets times; the time of creation stays what it is, as with the default provider. */
    @Override
    public void setTimes(FileTime modified, FileTime accessed, FileTime created)
            throws IOException {
        if (modified == null && accessed == null) {
            return;
        }
        AttributeChange change = new AttributeChange();
        if (modified != null) {
            change.modifyNanos(modified.to(TimeUnit.NANOSECONDS));
        }
        if (accessed != null) {
            change.accessNanos(accessed.to(TimeUnit.NANOSECONDS));
        }
        change(change);
    }

    @Override
    public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
        change(new AttributeChange().mode(Permissions.mode(permissions)));
    }

    @Override
    public void setGroup(GroupPrincipal group) throws IOException {
        change(new AttributeChange().gid(Owners.idOf(Objects.requireNonNull(group))));
    }

    @Override
    public UserPrincipal getOwner() throws IOException {
        return readAttributes().owner();
    }

    @Override
    public void setOwner(UserPrincipal owner) throws IOException {
        change(new AttributeChange().uid(Owners.idOf(Objects.requireNonNull(owner))));
    }
}
