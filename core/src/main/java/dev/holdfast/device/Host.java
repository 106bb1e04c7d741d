package dev.holdfast.device;

import dev.holdfast.ffm.HostStatus;

/** What lies under a mapped device, as far as durability depends on it. */
enum Host {
    /** A memory file without a name. */
    MEMORY_FILE(false, true, "memory without a name is gone with the process"),
    /** A file on tmpfs or ramfs. */
    TMPFS(false, true, "tmpfs is memory, gone with the machine"),
    /** A file of huge pages. */
    HUGETLBFS(false, true, "hugetlbfs is memory, gone with the machine"),
    /** A file behind the kernel's page cache. */
    DISK_FILE(true, false, "a disk file is written through the page cache"),
    /** A file that the kernel maps straight from persistent memory ({@code MAP_SYNC} works). */
    DAX_FILE(true, true, "the kernel maps this file synchronously from persistent memory"),
    /** A device-dax character device. */
    DAX_DEVICE(true, true, "device-dax is persistent memory");

    static final long MAGIC_TMPFS = 0x01021994L;
    static final long MAGIC_RAMFS = 0x858458f6L;
    static final long MAGIC_HUGETLBFS = 0x958458f6L;

    private static final long MAGIC_BTRFS = 0x9123683eL;
    private static final long MAGIC_ZFS = 0x2fc12fc1L;
    private static final long MAGIC_BCACHEFS = 0xca451a4eL;
    private static final long MAGIC_OVERLAY = 0x794c7630L;
    private static final long MAGIC_NFS = 0x6969L;
    private static final long MAGIC_FUSE = 0x65735546L;
    private static final long MAGIC_9P = 0x01021997L;
    private static final long MAGIC_CIFS = 0xff534d42L;
    private static final long MAGIC_SMB2 = 0xfe534d42L;

    private final boolean persistent;
    private final boolean direct;
    private final String description;

    Host(boolean persistent, boolean direct, String description) {
        this.persistent = persistent;
        this.direct = direct;
        this.description = description;
    }

    /** Tells whether the medium itself survives a power cut. */
    boolean isPersistent() {
        return persistent;
    }

    /** Tells whether a store by address reaches the medium without the page cache between. */
    boolean isDirect() {
        return direct;
    }

    /** Returns half a sentence on what this is. */
    String description() {
        return description;
    }

    /** Returns the host of a regular file by its file system; DAX is found out by mapping it. */
    static Host of(HostStatus status) {
        long magic = status.magic();
        if (magic == MAGIC_TMPFS || magic == MAGIC_RAMFS) {
            return TMPFS;
        }
        return magic == MAGIC_HUGETLBFS ? HUGETLBFS : DISK_FILE;
    }

    /** Returns what to warn of on this file system, as a sentence's tail, or nothing. */
    static String caveat(HostStatus status) {
        long magic = status.magic();
        if (magic == MAGIC_BTRFS) {
            return copiesOnWrite("btrfs");
        } else if (magic == MAGIC_ZFS) {
            return copiesOnWrite("ZFS");
        } else if (magic == MAGIC_BCACHEFS) {
            return copiesOnWrite("bcachefs");
        } else if (magic == MAGIC_OVERLAY) {
            return "; the host is an overlay: the layer under it decides what survives, and can "
                    + "run out of space under the volume";
        } else if (magic == MAGIC_NFS || magic == MAGIC_FUSE || magic == MAGIC_9P
                || magic == MAGIC_CIFS || magic == MAGIC_SMB2) {
            return "; the host is a file server's: it decides what survives";
        }
        return "";
    }

    private static String copiesOnWrite(String fileSystem) {
        return "; the host is " + fileSystem + ", which copies on write and can run out of space "
                + "under the volume: keep free space on it";
    }
}
