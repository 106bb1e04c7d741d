package dev.holdfast.nio;

import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The attributes of a file at one moment. */
record HoldfastAttributes(FileStat stat, long volumeId) implements PosixFileAttributes {
    /** What tells files apart: volume and inode number. */
    private record Key(long volume, long inode) {
        @Override
        public String toString() {
            return "(vol=" + Long.toHexString(volume) + ",ino=" + inode + ")";
        }
    }

    private static FileTime time(long nanos) {
        return FileTime.from(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public FileTime lastModifiedTime() {
        return time(stat.modifyNanos());
    }

    @Override
    public FileTime lastAccessTime() {
        return time(stat.accessNanos());
    }

    @Override
    public FileTime creationTime() {
        return time(stat.createNanos());
    }

    FileTime changeTime() {
        return time(stat.changeNanos());
    }

    @Override
    public boolean isRegularFile() {
        return stat.type() == FileType.FILE;
    }

    @Override
    public boolean isDirectory() {
        return stat.type() == FileType.DIRECTORY;
    }

    @Override
    public boolean isSymbolicLink() {
        return stat.type() == FileType.SYMLINK;
    }

    @Override
    public boolean isOther() {
        return !isRegularFile() && !isDirectory() && !isSymbolicLink();
    }

    @Override
    public long size() {
        return stat.sizeBytes();
    }

    @Override
    public Object fileKey() {
        return new Key(volumeId, stat.inode());
    }

    @Override
    public UserPrincipal owner() {
        return Owners.INSTANCE.user(stat.uid());
    }

    @Override
    public GroupPrincipal group() {
        return Owners.INSTANCE.group(stat.gid());
    }

    @Override
    public Set<PosixFilePermission> permissions() {
        return Permissions.of(stat.mode());
    }

    /** Returns the mode with the bits of the type, as Unix has it. */
    int unixMode() {
        return stat.type().modeBits() | stat.mode();
    }
}
