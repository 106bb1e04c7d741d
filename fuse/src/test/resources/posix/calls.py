"""Calls that few programs make: flags of vector calls, ioctl, small buffers, bad addresses."""
import ctypes
import fcntl
import os
import resource
import signal
import struct
import termios

from observe import (AT_FDCWD, LIBC, checked, closed, fallocate, folder, opens, read, say, see,
                     write)

NULL = ctypes.c_void_p(None)
BAD = ctypes.c_void_p(8)
L = ctypes.c_long


def run():
    bad_addresses()
    small_buffers()
    vector_flags()
    descriptor_flags()
    ioctls()
    copies()
    at_calls()
    statx_fields()


def bad_addresses():
    with folder():
        write('a', b'x' * 10000)
        fd = os.open('a', os.O_RDWR)
        for name, call in {
            'read': lambda: LIBC.read(fd, BAD, 100),
            'write': lambda: LIBC.write(fd, BAD, 100),
            'pread': lambda: LIBC.pread(fd, BAD, 100, L(0)),
            'pwrite': lambda: LIBC.pwrite(fd, BAD, 100, L(0)),
            'read of nothing': lambda: LIBC.read(fd, BAD, 0),
            'write of nothing': lambda: LIBC.write(fd, BAD, 0),
            'readv': lambda: LIBC.readv(fd, BAD, 1),
            'writev': lambda: LIBC.writev(fd, BAD, 1),
            'statx': lambda: LIBC.statx(AT_FDCWD, b'a', 0, 0xFFF, BAD),
            'statfs': lambda: LIBC.statfs(b'a', BAD),
            'getxattr': lambda: LIBC.getxattr(b'a', BAD, BAD, 10),
            'setxattr': lambda: LIBC.setxattr(b'a', b'user.a', BAD, 10, 0),
            'setxattr of nothing': lambda: LIBC.setxattr(b'a', b'user.b', BAD, 0, 0),
            'listxattr': lambda: LIBC.listxattr(b'a', BAD, 10),
            'utimensat': lambda: LIBC.utimensat(AT_FDCWD, b'a', BAD, 0),
            'renameat2': lambda: LIBC.renameat2(AT_FDCWD, BAD, AT_FDCWD, b'b', 0),
            'linkat': lambda: LIBC.linkat(AT_FDCWD, b'a', AT_FDCWD, BAD, 0),
            'readlink': lambda: LIBC.readlink(BAD, BAD, 10),
        }.items():
            see(f'bad address: {name}', lambda: checked(call()))
        page = mmap_before_nothing()
        see(
            'read across the end of memory',
            lambda: checked(LIBC.pread(fd, ctypes.c_void_p(page + 4000), 8192, L(0))),
        )
        see(
            'vector of it',
            lambda: checked(LIBC.pwritev(fd, iovec((page, 4096), (8, 100)), 2, L(0))),
        )
        see(
            'too long a vector',
            lambda: checked(LIBC.pwritev(fd, iovec((page, 2**63), (page, 2**63)), 2, L(0))),
        )
        see(
            'negative in a vector',
            lambda: checked(LIBC.pwritev(fd, iovec((page, 2**64 - 1)), 1, L(0))),
        )
        see('no vector', lambda: checked(LIBC.pwritev(fd, iovec((page, 5)), 0, L(0))))
        see('minus one vectors', lambda: checked(LIBC.pwritev(fd, iovec((page, 5)), -1, L(0))))
        os.close(fd)
        say('afterwards', os.stat('a').st_size)


def iovec(*parts):
    return (ctypes.c_ulong * (2 * len(parts)))(*[n for part in parts for n in part])


def mmap_before_nothing():
    LIBC.mmap.restype = ctypes.c_void_p
    at = LIBC.mmap(NULL, ctypes.c_size_t(8192), 3, 0x22, -1, L(0))
    LIBC.munmap(ctypes.c_void_p(at + 4096), ctypes.c_size_t(4096))
    return at


def small_buffers():
    with folder():
        write('a')
        for n in range(5):
            os.setxattr('a', f'user.{n}', b'v' * 100)
        buffer = ctypes.create_string_buffer(4096)
        for room in (0, 1, 5, 34, 35, 36, 100):
            see(
                f'listxattr into {room}',
                lambda: checked(LIBC.listxattr(b'a', buffer, ctypes.c_size_t(room))),
            )
        for room in (0, 1, 99, 100, 101):
            see(
                f'getxattr into {room}',
                lambda: checked(LIBC.getxattr(b'a', b'user.1', buffer, ctypes.c_size_t(room))),
            )
        os.symlink('target', 's')
        for room in (0, 1, 5, 6, 7):
            see(
                f'readlink into {room}',
                lambda: checked(LIBC.readlink(b's', buffer, ctypes.c_size_t(room))),
                lambda: buffer.raw[: min(room, 6)],
            )
        see(
            'readlinkat of a descriptor',
            lambda: closed('s', os.O_PATH | os.O_NOFOLLOW, lambda f: os.readlink('', dir_fd=f)),
        )
        see('readlink of a file', lambda: os.readlink('a'))
        see(
            'getcwd into 3',
            lambda: checked(
                LIBC.syscall(
                    L(79 if os.uname().machine == 'x86_64' else 17), buffer, ctypes.c_ulong(3)
                )
            ),
        )


def pwritev2(fd, data, at, flags):
    b = ctypes.create_string_buffer(data, len(data))
    return checked(LIBC.pwritev2(fd, iovec((ctypes.addressof(b), len(data))), 1, L(at), flags))


def preadv2(fd, n, at, flags):
    b = ctypes.create_string_buffer(n)
    got = checked(LIBC.preadv2(fd, iovec((ctypes.addressof(b), n)), 1, L(at), flags))
    return b.raw[:got]


def vector_flags():
    with folder():
        write('a', b'0123456789')
        fd = os.open('a', os.O_RDWR)
        for name, flag in (
            ('none', 0),
            ('high priority', 1),
            ('data sync', 2),
            ('sync', 4),
            ('append', 16),
            ('no append', 32),
            ('unknown', 1 << 20),
        ):
            see(f'write, {name}', lambda: pwritev2(fd, b'ab', 2, flag), lambda: read('a'))
            see(f'read, {name}', lambda: preadv2(fd, 4, 0, flag))
        see(
            'at the position',
            lambda: pwritev2(fd, b'pos', -1, 0),
            lambda: (read('a'), os.lseek(fd, 0, 1)),
        )
        see(
            'append at the position',
            lambda: pwritev2(fd, b'pos', -1, 16),
            lambda: (read('a'), os.lseek(fd, 0, 1)),
        )
        see('before the start', lambda: pwritev2(fd, b'pos', -2, 0))
        os.close(fd)
        fd = os.open('a', os.O_RDWR | os.O_APPEND)
        see('no append of an appender', lambda: pwritev2(fd, b'**', 1, 32), lambda: read('a'))
        os.close(fd)


def descriptor_flags():
    with folder():
        write('a')
        fd = os.open('a', os.O_RDWR)
        for name, bits in (
            ('append', os.O_APPEND),
            ('non-blocking', os.O_NONBLOCK),
            ('direct', os.O_DIRECT),
            ('no time', os.O_NOATIME),
            ('async', os.O_ASYNC),
            ('sync', os.O_SYNC),
            ('truncate', os.O_TRUNC),
        ):
            see(
                f'set {name}',
                lambda: fcntl.fcntl(fd, fcntl.F_SETFL, bits),
                lambda: fcntl.fcntl(fd, fcntl.F_GETFL) & ~os.O_LARGEFILE & ~0o100000,
            )
        os.close(fd)
        for flags in (
            os.O_RDONLY,
            os.O_WRONLY,
            os.O_RDWR,
            os.O_RDWR | os.O_APPEND | os.O_SYNC,
            os.O_PATH,
            os.O_DIRECT,
        ):
            say(
                f'flags of {flags}',
                closed('a', flags, lambda f: fcntl.fcntl(f, fcntl.F_GETFL) & ~0o100000),
            )
        fd = os.open('a', os.O_RDWR)
        see('seals', lambda: fcntl.fcntl(fd, 1034))
        see('pipe size', lambda: fcntl.fcntl(fd, 1032))
        for hint in (0, 1, 5, 6):
            see(
                f'life-time hint {hint}',
                lambda: struct.unpack('Q', fcntl.fcntl(fd, 1036, struct.pack('Q', hint))),
            )
        see('hint read', lambda: struct.unpack('Q', fcntl.fcntl(fd, 1035, struct.pack('Q', 77))))
        os.close(fd)


def ioctls():
    with folder():
        write('a', b'x' * 10000)
        fd = os.open('a', os.O_RDWR)
        os.lseek(fd, 4000, 0)
        see('bytes ahead', lambda: struct.unpack('i', fcntl.ioctl(fd, termios.FIONREAD, b'\0' * 4)))
        see('block size', lambda: struct.unpack('i', fcntl.ioctl(fd, 2, b'\0' * 4)))
        see(
            'non-blocking',
            lambda: fcntl.ioctl(fd, termios.FIONBIO, struct.pack('i', 1)),
            lambda: fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK,
        )
        see('terminal', lambda: fcntl.ioctl(fd, termios.TCGETS, b'\0' * 100))
        see('terminal size', lambda: fcntl.ioctl(fd, termios.TIOCGWINSZ, b'\0' * 8))
        see('unknown', lambda: fcntl.ioctl(fd, 0x12345678, b'\0' * 100))
        see('isatty', lambda: os.isatty(fd))
        see('clone of itself', lambda: fcntl.ioctl(fd, 0x40049409, fd))
        os.close(fd)


def copies():
    with folder():
        write('a', b'x' * 10000)
        os.mkdir('d')
        os.mkfifo('p')
        os.mknod('null', 0o666 | 0o020000, os.makedev(1, 3))
        a = os.open('a', os.O_RDWR)
        b = os.open('b', os.O_RDWR | os.O_CREAT)
        for name, flags in (
            ('d', os.O_RDONLY),
            ('p', os.O_RDWR),
            ('null', os.O_RDWR),
            ('a', os.O_PATH),
        ):
            f = os.open(name, flags)
            see(f'copy from {name} {flags}', lambda: os.copy_file_range(f, b, 10))
            see(f'copy to {name} {flags}', lambda: os.copy_file_range(a, f, 10))
            os.close(f)
        see(
            'copy with flags',
            lambda: checked(LIBC.copy_file_range(a, None, b, None, ctypes.c_size_t(5), 1)),
        )
        see('copy of itself, overlapping', lambda: os.copy_file_range(a, a, 10, 0, 5))
        see('copy of itself, touching', lambda: os.copy_file_range(a, a, 10, 0, 10))
        see('copy past the end', lambda: os.copy_file_range(a, b, 10, 10000, 0))
        see('copy from far past the end', lambda: os.copy_file_range(a, b, 10, 2**40, 0))
        see('copy too far', lambda: os.copy_file_range(a, b, 10, 0, 2**63 - 5))
        see(
            'copy of too much',
            lambda: checked(
                LIBC.copy_file_range(
                    a, ctypes.byref(L(0)), b, ctypes.byref(L(0)), ctypes.c_size_t(2**63 + 10), 0
                )
            ),
        )
        see('copy from before the start', lambda: os.copy_file_range(a, b, 10, -1, 0))
        os.lseek(a, 9990, 0)
        see(
            'copy moves both positions',
            lambda: os.copy_file_range(a, b, 100),
            lambda: (os.lseek(a, 0, 1), os.lseek(b, 0, 1), os.fstat(b).st_size),
        )
        see('copy of nothing', lambda: os.copy_file_range(a, b, 0))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
        see(
            'copy across the limit',
            lambda: os.copy_file_range(a, b, 1000, 0, 4500),
            lambda: os.fstat(b).st_size,
        )
        see('copy past the limit', lambda: os.copy_file_range(a, b, 1000, 0, 5000))
        see('allocate past the limit', lambda: fallocate(b, 0, 4990, 100))
        see('allocate past the limit, size kept', lambda: fallocate(b, 1, 4990, 100))
        see('zero past the limit', lambda: fallocate(b, 16, 4990, 100))
        see(
            'sendfile across the limit',
            lambda: (os.lseek(b, 4900, 0), os.sendfile(b, a, 0, 1000))[1],
        )
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        for name, flags in (('d', os.O_RDONLY), ('a', os.O_WRONLY)):
            f = os.open(name, flags)
            see(f'sendfile of {name}', lambda: os.sendfile(b, f, 0, 10))
            os.close(f)
        see(
            'sendfile to a reader',
            lambda: closed('a', os.O_RDONLY, lambda f: os.sendfile(f, a, 0, 10)),
        )
        see(
            'sendfile to an appender',
            lambda: closed('a', os.O_RDWR | os.O_APPEND, lambda f: os.sendfile(f, a, 0, 10)),
        )
        see('sendfile from before the start', lambda: os.sendfile(b, a, -1, 10))
        r, w = os.pipe()
        see(
            'splice to an appender',
            lambda: (
                os.write(w, b'abc'),
                closed('a', os.O_RDWR | os.O_APPEND, lambda f: os.splice(r, f, 3)),
            )[1],
        )
        see(
            'splice from a directory',
            lambda: closed('d', os.O_RDONLY, lambda f: os.splice(f, w, 3)),
        )
        see('splice of two files', lambda: os.splice(a, b, 3))
        see('splice from before the start', lambda: os.splice(a, w, 3, offset_src=-1))
        for f in (a, b, r, w):
            os.close(f)


def at_calls():
    """Descriptors instead of paths, and the path that says just that."""
    with folder():
        write('a', b'content')
        os.symlink('a', 's')
        os.mkdir('d')
        for name, flags in (
            ('a', os.O_RDONLY),
            ('a', os.O_PATH),
            ('s', os.O_PATH | os.O_NOFOLLOW),
            ('d', os.O_RDONLY),
            ('d', os.O_PATH),
        ):
            fd = os.open(name, flags)
            say_ = f'{name} {flags}'
            buffer = ctypes.create_string_buffer(256)
            see(f'{say_}: statx', lambda: checked(LIBC.statx(fd, b'', 0x1000, 0xFFF, buffer)))
            see(
                f'{say_}: statx without the flag',
                lambda: checked(LIBC.statx(fd, b'', 0, 0xFFF, buffer)),
            )
            see(
                f'{say_}: fchownat',
                lambda: checked(LIBC.fchownat(fd, b'', 5, 6, 0x1000)),
                lambda: (os.lstat(name).st_uid),
            )
            see(
                f'{say_}: fchmodat2',
                lambda: checked(LIBC.syscall(L(452), fd, b'', 0o640, 0x1000)),
                lambda: oct(os.lstat(name).st_mode),
            )
            see(f'{say_}: faccessat2', lambda: checked(LIBC.syscall(L(439), fd, b'', 4, 0x1000)))
            see(f'{say_}: utimensat', lambda: checked(LIBC.utimensat(fd, None, None, 0)))
            see(
                f'{say_}: utimensat with the flag',
                lambda: checked(LIBC.utimensat(fd, b'', None, 0x1000)),
            )
            see(f'{say_}: fgetxattr', lambda: os.getxattr(fd, 'user.none'))
            see(f'{say_}: futimes', lambda: os.utime(fd, ns=(5, 6)))
            see(f'{say_}: reopened', lambda: opens(f'/proc/self/fd/{fd}', os.O_RDONLY))
            os.close(fd)
        see(
            'lchmod of a link',
            lambda: checked(LIBC.syscall(L(452), AT_FDCWD, b's', 0o600, 0x100)),
            lambda: oct(os.lstat('s').st_mode),
        )
        see(
            'lchmod of a file',
            lambda: checked(LIBC.syscall(L(452), AT_FDCWD, b'a', 0o600, 0x100)),
            lambda: oct(os.lstat('a').st_mode),
        )
        fd = os.open('d', os.O_RDONLY)
        for how, resolve in (('beneath', 8), ('in root', 16), ('no links', 4), ('no crossing', 1)):
            for path in ('../a', 'x', '.', '../s', '/x'):
                see(
                    f'openat2 {how} {path}',
                    lambda: os.close(
                        checked(
                            LIBC.syscall(
                                L(437),
                                fd,
                                path.encode(),
                                struct.pack('QQQ', os.O_RDONLY, 0, resolve),
                                L(24),
                            )
                        )
                    ),
                )
        os.close(fd)


def statx_fields():
    with folder():
        write('a', b'x' * 5000)
        for name in ('a', '.'):
            buffer = ctypes.create_string_buffer(256)
            for sync in (0, 0x2000, 0x4000):
                see(
                    f'statx {name} {sync:x}',
                    lambda: checked(LIBC.statx(AT_FDCWD, name.encode(), sync, 0xFFF, buffer)),
                    lambda: (
                        hex(struct.unpack_from('I', buffer)[0] & 0xFFF),
                        struct.unpack_from('I', buffer, 16)[0] if name == 'a' else 0,
                        oct(struct.unpack_from('H', buffer, 28)[0]),
                    ),
                )
        see(
            'both ways of syncing',
            lambda: checked(LIBC.statx(AT_FDCWD, b'a', 0x6000, 0xFFF, buffer)),
        )
        see('a reserved bit', lambda: checked(LIBC.statx(AT_FDCWD, b'a', 0, 0x80000000, buffer)))
