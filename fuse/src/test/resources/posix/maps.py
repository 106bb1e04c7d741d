"""Memory maps: their ends, times, and calls whose buffer is a map of the same file."""
import ctypes
import os
import signal
import time

from observe import LIBC, checked, closed, fallocate, folder, read, say, see, write

PAGE = 4096
MADV_REMOVE, MADV_POPULATE_READ, MADV_POPULATE_WRITE = 9, 22, 23
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_long,
]
for _f in ('munmap', 'msync', 'madvise', 'mprotect'):
    getattr(LIBC, _f).argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int][
        : 2 if _f == 'munmap' else 3
    ]
for _f in ('pread', 'pwrite'):
    getattr(LIBC, _f).argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long]
    getattr(LIBC, _f).restype = ctypes.c_long
LIBC.write.argtypes = LIBC.read.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
OLD = 10**18


def mapped(fd, length, prot=3, flags=1, offset=0):
    at = LIBC.mmap(None, length, prot, flags, fd, offset)
    if at == ctypes.c_void_p(-1).value:
        checked(-1)
    return at


def ended(act):
    """How a child ends that does something."""
    pid = os.fork()
    if pid == 0:
        # A dead lock ends too.
        signal.alarm(60)
        try:
            act()
        except OSError as e:
            os._exit(e.errno)
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    return (
        signal.Signals(os.WTERMSIG(status)).name
        if os.WIFSIGNALED(status)
        else os.WEXITSTATUS(status)
    )


def run():
    ends()
    refused()
    times()
    own_pages()
    advice()
    punched()
    private()
    extended()


def touch(fd, length, at, store):
    p = mapped(fd, length)
    if store:
        ctypes.memset(p + at, 1, 1)
    else:
        ctypes.string_at(p + at, 1)


def ends():
    for size in (0, 1, PAGE, PAGE + 1, 3 * PAGE):
        with folder():
            write('a', b'x' * size)
            fd = os.open('a', os.O_RDWR)
            for at in (0, PAGE - 1, PAGE, 2 * PAGE, 3 * PAGE, 4 * PAGE - 1):
                for store in (False, True):
                    say(
                        f'{"store" if store else "load"} at {at} of {size}',
                        ended(lambda: touch(fd, 4 * PAGE, at, store)),
                    )
            say(f'size stays {size}', os.fstat(fd).st_size)
            os.close(fd)


def refused():
    with folder():
        write('a', b'x' * PAGE)
        os.mkdir('d')
        os.mkfifo('p')
        for name, flags in (
            ('reader', os.O_RDONLY),
            ('writer', os.O_WRONLY),
            ('both', os.O_RDWR),
            ('appender', os.O_RDWR | os.O_APPEND),
            ('path', os.O_PATH),
        ):
            fd = os.open('a', flags)
            for prot in (1, 2, 3, 4, 5):
                for share in (1, 2, 3):
                    see(
                        f'{name}, rights {prot}, {share}',
                        lambda: LIBC.munmap(mapped(fd, PAGE, prot, share), PAGE),
                    )
            os.close(fd)
        for name, flags in (('d', os.O_RDONLY), ('p', os.O_RDWR)):
            see(f'map of {name}', lambda: closed(name, flags, lambda f: mapped(f, PAGE)))
        fd = os.open('a', os.O_RDWR)
        see('no length', lambda: mapped(fd, 0))
        see('odd offset', lambda: mapped(fd, PAGE, 3, 1, 100))
        see('negative offset', lambda: mapped(fd, PAGE, 3, 1, -PAGE))
        see('far offset', lambda: LIBC.munmap(mapped(fd, PAGE, 3, 1, 1 << 40), PAGE))
        os.close(fd)
        fd = os.open('a', os.O_RDONLY)
        p = mapped(fd, PAGE, 1)
        see('no more rights', lambda: checked(LIBC.mprotect(p, PAGE, 3)))
        see('sync of it', lambda: checked(LIBC.msync(p, PAGE, 4)))
        see('both ways', lambda: checked(LIBC.msync(p, PAGE, 5)))
        see('neither way', lambda: checked(LIBC.msync(p, PAGE, 0)))
        see('beyond it', lambda: checked(LIBC.msync(p + (1 << 30), PAGE, 4)))
        LIBC.munmap(p, PAGE)
        os.close(fd)


def times():
    for how in ('close', 'msync', 'fsync', 'syncfs', 'unmap'):
        with folder():
            write('a', b'x' * PAGE)
            os.utime('a', ns=(OLD, OLD))
            before = os.stat('a')
            time.sleep(0.012)
            fd = os.open('a', os.O_RDWR)
            p = mapped(fd, PAGE)
            ctypes.memset(p, 2, 10)
            if how == 'msync':
                checked(LIBC.msync(p, PAGE, 4))
            elif how == 'fsync':
                os.fsync(fd)
            elif how == 'syncfs':
                LIBC.syncfs(fd)
            if how in ('close', 'unmap'):
                LIBC.munmap(p, PAGE)
            if how == 'close':
                os.close(fd)
            now = os.stat('a')
            say(
                f'a store changes times, {how}',
                (now.st_mtime_ns > before.st_mtime_ns, now.st_ctime_ns > before.st_ctime_ns),
            )
            if how != 'close':
                os.close(fd)
            if how not in ('close', 'unmap'):
                LIBC.munmap(p, PAGE)


def own(fd, flags, source, target, length, writing):
    other = os.open('a', os.O_RDWR | flags)
    p = mapped(fd, 64 * PAGE)
    n = (LIBC.pwrite if writing else LIBC.pread)(other, p + source, length, target)
    if n != length:
        os._exit(100 if n >= 0 else ctypes.get_errno())


def own_pages():
    for flags in (0, os.O_DIRECT):
        for source, target in (
            (0, 0),
            (0, PAGE),
            (PAGE, 0),
            (100, 200),
            (0, 32 * PAGE),
            (32 * PAGE, 0),
        ):
            for length in (512, 32 * PAGE):
                for writing in (False, True):
                    if flags and (source % 512 or target % 512):
                        continue
                    with folder():
                        write('a', os.urandom(64 * PAGE))
                        was = read('a')
                        fd = os.open('a', os.O_RDWR)
                        how = ended(lambda: own(fd, flags, source, target, length, writing))
                        a, b = (source, target) if writing else (target, source)
                        copied = (
                            True
                            if abs(a - b) < length
                            else read('a')[b : b + length] == was[a : a + length]
                        )
                        say(
                            f'{"write from" if writing else "read into"} its own map, {flags}: '
                            f'{length} of {source} and {target}',
                            (how, copied),
                        )
                        os.close(fd)
    with folder():
        write('a', b'')
        fd = os.open('a', os.O_RDWR)
        write('b', b'abc' * PAGE)
        source = os.open('b', os.O_RDWR)
        say(
            'write from a map of another',
            (
                ended(lambda: LIBC.write(fd, mapped(source, 3 * PAGE), 3 * PAGE)),
                read('a') == read('b'),
            ),
        )
        say(
            'write from past the end of a map',
            (
                ended(lambda: checked(LIBC.pwrite(fd, mapped(source, 8 * PAGE), 8 * PAGE, 0))),
                os.stat('a').st_size,
            ),
        )
        os.close(fd)
        os.close(source)


def advice():
    for what in (MADV_REMOVE, MADV_POPULATE_READ, MADV_POPULATE_WRITE, 4, 8, 20, 21):
        with folder():
            write('a', b'x' * (4 * PAGE))
            fd = os.open('a', os.O_RDWR)
            p = mapped(fd, 4 * PAGE)
            see(
                f'advice {what}',
                lambda: checked(LIBC.madvise(p + PAGE, PAGE, what)),
                lambda: (
                    ctypes.string_at(p + PAGE, 3),
                    read('a')[PAGE : PAGE + 3],
                    os.stat('a').st_blocks,
                ),
            )
            LIBC.munmap(p, 4 * PAGE)
            os.close(fd)


def punched():
    for mode in (3, 16, 17):
        with folder():
            write('a', b'x' * (8 * PAGE))
            fd = os.open('a', os.O_RDWR)
            p = mapped(fd, 8 * PAGE)
            ctypes.memset(p, 7, 8 * PAGE)
            fallocate(fd, mode, PAGE + 10, 3 * PAGE)
            shown = ctypes.string_at(p, 8 * PAGE)
            wanted = b'\7' * (PAGE + 10) + bytes(3 * PAGE) + b'\7' * (4 * PAGE - 10)
            say(f'mode {mode} in a map', shown == wanted)
            ctypes.memset(p + 2 * PAGE, 9, 5)
            say(f'mode {mode}, stored again', os.pread(fd, 7, 2 * PAGE))
            LIBC.msync(p, 8 * PAGE, 4)
            os.close(fd)
            say(f'mode {mode}, reopened', read('a')[2 * PAGE : 2 * PAGE + 7])
            LIBC.munmap(p, 8 * PAGE)


def private():
    with folder():
        write('a', b'x' * PAGE)
        fd = os.open('a', os.O_RDWR)
        p = mapped(fd, PAGE, 3, 2)
        os.pwrite(fd, b'before', 0)
        say('a private map sees writes before its first store', ctypes.string_at(p, 6))
        ctypes.memset(p, 1, 1)
        os.pwrite(fd, b'after!', 0)
        say('and none after', ctypes.string_at(p, 6))
        os.ftruncate(fd, 0)
        say('past the end', ended(lambda: ctypes.string_at(p, 1)))
        os.close(fd)


def extended():
    """A map made before the file grows shows what was added."""
    with folder():
        write('a', b'x' * 10)
        fd = os.open('a', os.O_RDWR)
        p = mapped(fd, 4 * PAGE)
        ctypes.memset(p + 5, 2, 100)
        os.ftruncate(fd, 2 * PAGE)
        say('zeroes where it grew', ctypes.string_at(p + 10, 90) == bytes(90))
        os.pwrite(fd, b'tail', PAGE + 5)
        say('what was written there', ctypes.string_at(p + PAGE + 5, 4))
        ctypes.memset(p + PAGE, 3, 3)
        os.ftruncate(fd, PAGE)
        say('gone', ended(lambda: ctypes.string_at(p + PAGE, 1)))
        os.ftruncate(fd, 2 * PAGE)
        say('zeroes again', ctypes.string_at(p + PAGE, 20) == bytes(20))
        os.close(fd)
        os.unlink('a')
        say('unlinked and closed', ctypes.string_at(p, 3))
        LIBC.munmap(p, 4 * PAGE)
