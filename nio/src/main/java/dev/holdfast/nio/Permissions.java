package dev.holdfast.nio;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** Permissions as a set, and as the low nine bits of a mode. */
final class Permissions {
    static final int ALL = 0777;

    private Permissions() {}

    static Set<PosixFilePermission> of(int mode) {
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((mode & bit(permission)) != 0) {
                set.add(permission);
            }
        }
        return set;
    }

    static int mode(Set<PosixFilePermission> set) {
        int mode = 0;
        for (PosixFilePermission permission : set) {
            mode |= bit(permission);
        }
        return mode;
    }

    /** The constants come in the order of the bits, the owner's right to read first. */
    private static int bit(PosixFilePermission permission) {
        return 0400 >> permission.ordinal();
    }

    /** Returns the mode of something new, from the attributes that the caller wants it to have. */
    static int ofNew(int usual, FileAttribute<?>... attributes) {
        int mode = usual;
        for (FileAttribute<?> attribute : attributes) {
            if (!attribute.name().equals("posix:permissions")) {
                throw new UnsupportedOperationException(
                        "'" + attribute.name() + "' not supported as initial attribute");
            }
            int wanted = 0;
            for (Object permission : (Set<?>) attribute.value()) {
                wanted |= bit((PosixFilePermission) permission);
            }
            mode = wanted;
        }
        return mode & ~Owners.INSTANCE.umask();
    }
}
