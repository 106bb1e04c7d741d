package dev.holdfast.fuse;

/**
 * Offsets and flags of the protocol's structures, as {@code linux/fuse.h} lays them out: the same
 * on every 64-bit architecture, in the byte order of the machine. Offsets of requests count from
 * the end of the header that every request begins with, offsets of replies from the end of the
 * reply's header.
 */
final class Wire {
    static final int MAJOR = 7;
    /** The newest protocol whose changes this server knows. */
    static final int MINOR = 45;
    /** The oldest protocol with all that this server needs: Linux 5.4. */
    static final int OLDEST_MINOR = 31;

    // struct fuse_in_header
    static final int IN_LENGTH = 0;
    static final int IN_OPCODE = 4;
    static final int IN_UNIQUE = 8;
    static final int IN_NODE = 16;
    static final int IN_UID = 24;
    static final int IN_GID = 28;
    static final int IN_PID = 32;
    /** Length of what is appended to the request, in units of 8 bytes; 16 bits. */
    static final int IN_EXTENSION_WORDS = 36;
    static final int IN_HEADER_BYTES = 40;

    // struct fuse_out_header
    static final int OUT_LENGTH = 0;
    static final int OUT_ERROR = 4;
    static final int OUT_UNIQUE = 8;
    static final int OUT_HEADER_BYTES = 16;

    // struct fuse_init_in, fuse_init_out
    static final int INIT_MAJOR = 0;
    static final int INIT_MINOR = 4;
    static final int INIT_READAHEAD = 8;
    static final int INIT_FLAGS = 12;
    static final int INIT_IN_FLAGS2 = 16;
    static final int INIT_MAX_BACKGROUND = 16;
    static final int INIT_CONGESTION = 18;
    static final int INIT_MAX_WRITE = 20;
    static final int INIT_TIME_GRANULARITY = 24;
    static final int INIT_MAX_PAGES = 28;
    static final int INIT_OUT_FLAGS2 = 32;
    static final int INIT_OUT_BYTES = 64;

    static final long ASYNC_READ = 1;
    static final long ATOMIC_O_TRUNC = 1 << 3;
    static final long EXPORT_SUPPORT = 1 << 4;
    static final long BIG_WRITES = 1 << 5;
    static final long DO_READDIRPLUS = 1 << 13;
    static final long READDIRPLUS_AUTO = 1 << 14;
    static final long DONT_MASK = 1 << 6;
    static final long ASYNC_DIO = 1 << 15;
    static final long WRITEBACK_CACHE = 1 << 16;
    static final long PARALLEL_DIROPS = 1 << 18;
    static final long POSIX_ACL = 1 << 20;
    static final long MAX_PAGES = 1 << 22;
    static final long CACHE_SYMLINKS = 1 << 23;
    static final long HANDLE_KILLPRIV_V2 = 1 << 28;
    static final long SETXATTR_EXT = 1 << 29;
    static final long INIT_EXT = 1 << 30;
    static final long DIRECT_IO_ALLOW_MMAP = 1L << 36;

    // struct fuse_attr, within fuse_entry_out and fuse_attr_out
    static final int ATTR_INO = 0;
    static final int ATTR_SIZE = 8;
    static final int ATTR_BLOCKS = 16;
    static final int ATTR_ATIME = 24;
    static final int ATTR_MTIME = 32;
    static final int ATTR_CTIME = 40;
    static final int ATTR_ATIME_NANOS = 48;
    static final int ATTR_MTIME_NANOS = 52;
    static final int ATTR_CTIME_NANOS = 56;
    static final int ATTR_MODE = 60;
    static final int ATTR_LINKS = 64;
    static final int ATTR_UID = 68;
    static final int ATTR_GID = 72;
    static final int ATTR_DEVICE = 76;
    static final int ATTR_BLOCK_BYTES = 80;
    static final int ATTR_BYTES = 88;

    // struct fuse_entry_out
    static final int ENTRY_NODE = 0;
    static final int ENTRY_GENERATION = 8;
    static final int ENTRY_NAME_SECONDS = 16;
    static final int ENTRY_ATTR_SECONDS = 24;
    static final int ENTRY_NAME_NANOS = 32;
    static final int ENTRY_ATTR_NANOS = 36;
    static final int ENTRY_ATTR = 40;
    static final int ENTRY_BYTES = 128;

    // struct fuse_attr_out
    static final int ATTR_OUT_SECONDS = 0;
    static final int ATTR_OUT_NANOS = 8;
    static final int ATTR_OUT_ATTR = 16;
    static final int ATTR_OUT_BYTES = 104;

    // struct fuse_setattr_in
    static final int SETATTR_VALID = 0;
    static final int SETATTR_SIZE = 16;
    static final int SETATTR_ATIME = 32;
    static final int SETATTR_MTIME = 40;
    static final int SETATTR_ATIME_NANOS = 56;
    static final int SETATTR_MTIME_NANOS = 60;
    static final int SETATTR_MODE = 68;
    static final int SETATTR_UID = 76;
    static final int SETATTR_GID = 80;

    static final int FATTR_MODE = 1;
    static final int FATTR_UID = 1 << 1;
    static final int FATTR_GID = 1 << 2;
    static final int FATTR_SIZE = 1 << 3;
    static final int FATTR_ATIME = 1 << 4;
    static final int FATTR_MTIME = 1 << 5;
    static final int FATTR_ATIME_NOW = 1 << 7;
    static final int FATTR_MTIME_NOW = 1 << 8;
    static final int FATTR_KILL_SUIDGID = 1 << 11;
    /**
     * FATTR_FH, FATTR_LOCKOWNER: who asks; FATTR_CTIME: now, by the clock of a write-back cache.
     */
    static final int FATTR_SETS_NOTHING = 1 << 6 | 1 << 9 | 1 << 10;

    // struct fuse_statx_out; the statx within it
    static final int STATX_OUT_SECONDS = 0;
    static final int STATX_OUT_NANOS = 8;
    static final int STATX_OUT_STATX = 32;
    static final int STATX_OUT_BYTES = 288;
    static final int STATX_MASK = 0;
    static final int STATX_BLOCK_BYTES = 4;
    static final int STATX_LINKS = 16;
    static final int STATX_UID = 20;
    static final int STATX_GID = 24;
    static final int STATX_MODE = 28;
    static final int STATX_INO = 32;
    static final int STATX_SIZE = 40;
    static final int STATX_BLOCKS = 48;
    static final int STATX_ATIME = 64;
    static final int STATX_BTIME = 80;
    static final int STATX_CTIME = 96;
    static final int STATX_MTIME = 112;
    static final int STATX_DEVICE_MAJOR = 128;
    static final int STATX_DEVICE_MINOR = 132;
    /** STATX_BASIC_STATS and STATX_BTIME. */
    static final int STATX_ALL = 0xfff;

    // struct fuse_mknod_in, fuse_mkdir_in, fuse_create_in: each before a name
    static final int MKNOD_MODE = 0;
    static final int MKNOD_DEVICE = 4;
    static final int MKNOD_UMASK = 8;
    static final int MKNOD_BYTES = 16;
    static final int MKDIR_MODE = 0;
    static final int MKDIR_UMASK = 4;
    static final int MKDIR_BYTES = 8;
    static final int CREATE_FLAGS = 0;
    static final int CREATE_MODE = 4;
    static final int CREATE_UMASK = 8;
    static final int CREATE_OPEN_FLAGS = 12;
    static final int CREATE_BYTES = 16;

    // struct fuse_rename_in, fuse_rename2_in, fuse_link_in
    static final int RENAME_DIRECTORY = 0;
    static final int RENAME_BYTES = 8;
    static final int RENAME2_FLAGS = 8;
    static final int RENAME2_BYTES = 16;
    static final int RENAME_NO_REPLACE = 1;
    static final int RENAME_EXCHANGE = 2;
    static final int LINK_NODE = 0;
    static final int LINK_BYTES = 8;

    // struct fuse_open_in, fuse_open_out
    static final int OPEN_FLAGS = 0;
    static final int OPEN_OPEN_FLAGS = 4;
    static final int OPEN_OUT_HANDLE = 0;
    static final int OPEN_OUT_FLAGS = 8;
    static final int OPEN_OUT_BYTES = 16;
    static final int OPEN_KILL_SUIDGID = 1;
    static final int FOPEN_DIRECT_IO = 1;
    static final int FOPEN_KEEP_CACHE = 1 << 1;
    static final int FOPEN_PARALLEL_DIRECT_WRITES = 1 << 6;

    static final int O_EXCL = 0x80;
    static final int O_ACCESS = 3;
    static final int O_WRONLY = 1;
    static final int O_TRUNC = 0x200;
    static final int O_DSYNC = 0x1000;
    static final int O_NOATIME = 0x40000;

    // struct fuse_read_in (of READDIR too), fuse_write_in, fuse_write_out
    static final int READ_OFFSET = 8;
    static final int READ_SIZE = 16;
    static final int READ_OPEN_FLAGS = 32;
    static final int READ_BYTES = 40;
    static final int WRITE_OFFSET = 8;
    static final int WRITE_SIZE = 16;
    static final int WRITE_FLAGS = 20;
    static final int WRITE_OPEN_FLAGS = 32;
    static final int WRITE_BYTES = 40;
    static final int WRITE_OUT_BYTES = 8;
    static final int WRITE_CACHE = 1;
    static final int WRITE_KILL_SUIDGID = 1 << 2;

    // struct fuse_fsync_in
    static final int FSYNC_FLAGS = 8;
    static final int FSYNC_DATA_ONLY = 1;

    // struct fuse_statfs_out
    static final int STATFS_BLOCKS = 0;
    static final int STATFS_FREE = 8;
    static final int STATFS_AVAILABLE = 16;
    static final int STATFS_FILES = 24;
    static final int STATFS_FILES_FREE = 32;
    static final int STATFS_BLOCK_BYTES = 40;
    static final int STATFS_NAME_BYTES = 44;
    static final int STATFS_FRAGMENT_BYTES = 48;
    static final int STATFS_BYTES = 80;

    // struct fuse_setxattr_in (the last two where SETXATTR_EXT is agreed on), fuse_getxattr_in,
    // fuse_getxattr_out
    static final int SETXATTR_SIZE = 0;
    static final int SETXATTR_FLAGS = 4;
    static final int SETXATTR_BYTES = 8;
    static final int SETXATTR_MORE_FLAGS = 8;
    static final int SETXATTR_EXT_BYTES = 16;
    static final int SETXATTR_ACL_KILL_SGID = 1;
    static final int XATTR_CREATE = 1;
    static final int XATTR_REPLACE = 2;
    static final int GETXATTR_SIZE = 0;
    static final int GETXATTR_BYTES = 8;
    static final int GETXATTR_OUT_BYTES = 8;

    // struct fuse_forget_in, fuse_batch_forget_in and its entries
    static final int FORGET_LOOKUPS = 0;
    static final int BATCH_COUNT = 0;
    static final int BATCH_BYTES = 8;
    static final int BATCH_ENTRY_BYTES = 16;

    // struct fuse_fallocate_in
    static final int FALLOCATE_OFFSET = 8;
    static final int FALLOCATE_LENGTH = 16;
    static final int FALLOCATE_MODE = 24;
    static final int FALLOCATE_KEEP_SIZE = 1;
    static final int FALLOCATE_PUNCH_HOLE = 2;
    static final int FALLOCATE_ZERO_RANGE = 16;

    // struct fuse_lseek_in, fuse_lseek_out
    static final int LSEEK_OFFSET = 8;
    static final int LSEEK_WHENCE = 16;
    static final int LSEEK_OUT_BYTES = 8;
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;

    // struct fuse_copy_file_range_in
    static final int COPY_OFFSET_IN = 8;
    static final int COPY_NODE_OUT = 16;
    static final int COPY_OFFSET_OUT = 32;
    static final int COPY_LENGTH = 40;
    static final int COPY_FLAGS = 48;

    // struct fuse_dirent; in READDIRPLUS an entry comes before it
    static final int DIRENT_INO = 0;
    static final int DIRENT_NEXT = 8;
    static final int DIRENT_NAME_BYTES = 16;
    static final int DIRENT_TYPE = 20;
    static final int DIRENT_NAME = 24;

    // notifications: the reply's header with unique 0 and a code in place of the error
    static final int NOTIFY_INVALIDATE_INODE = 2;
    static final int INVALIDATE_NODE = 0;
    static final int INVALIDATE_OFFSET = 8;
    static final int INVALIDATE_LENGTH = 16;
    static final int INVALIDATE_BYTES = 24;
    static final long INVALIDATE_ATTRIBUTES_ONLY = -1;

    private Wire() {}
}
