"""Reading and writing in every way there is, and what is in the file afterwards."""
import ctypes
import hashlib
import mmap
import os
import random
import resource
import signal

from observe import LIBC, checked, closed, folder, opens, read, say, see, user, USER, write

BLOCK = 4096
EDGES = (0, 1, 511, 512, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 131071, 131072, 1048576, 1048577)


def content(name='a'):
    """Size and digest, the first few bytes where it is small."""
    data = read(name)
    return len(data), data if len(data) < 40 else hashlib.sha256(data).hexdigest()[:16]


def pattern(length, seed=1):
    return random.Random(seed).randbytes(length)


def run():
    edges()
    vectors()
    directly()
    copies()
    pipes()
    mappings()
    far_away()
    limits()
    several_descriptors()
    syncs()
    at_random()


def edges():
    for offset in EDGES:
        for length in (0, 1, BLOCK - 1, BLOCK, 70000):
            with folder():
                write('a', pattern(2 * BLOCK + 100))
                fd = os.open('a', os.O_RDWR)
                see(f'write {length} at {offset}',
                    lambda: os.pwrite(fd, pattern(length, 2), offset), content)
                see(f'read {length} at {offset}',
                    lambda: hashlib.sha256(os.pread(fd, length, offset)).hexdigest()[:16])
                see(f'truncate to {offset}', lambda: os.ftruncate(fd, offset), content)
                see(f'extend past {offset}', lambda: os.ftruncate(fd, offset + 5000), content)
                os.close(fd)


def vectors():
    with folder():
        fd = os.open('a', os.O_RDWR | os.O_CREAT)
        see('writev', lambda: os.writev(fd, [b'one', b'', b'two', b'x' * 5000]), content)
        see('pwritev', lambda: os.pwritev(fd, [b'1', b'2' * 4096], 4000), content)
        see('pwritev that appends', lambda: os.pwritev(fd, [b'end'], 3, 0x10), content)
        see('pwritev that is durable', lambda: os.pwritev(fd, [b'd'], 3, os.RWF_DSYNC), content)
        parts = [bytearray(3), bytearray(0), bytearray(6000)]
        see('preadv', lambda: os.preadv(fd, parts, 2), lambda: hashlib.sha256(
            b''.join(parts)).hexdigest()[:16])
        see('preadv past the end', lambda: os.preadv(fd, parts, 100000))
        see('1024 parts', lambda: os.pwritev(fd, [b'abc'] * 1024, 0), content)
        see('1025 parts', lambda: os.pwritev(fd, [b'abc'] * 1025, 0))
        os.lseek(fd, 5, os.SEEK_SET)
        see('read moves the position', lambda: (os.read(fd, 7), os.lseek(fd, 0, os.SEEK_CUR)))
        see('from the end', lambda: os.lseek(fd, -3, os.SEEK_END))
        see('past the end', lambda: os.lseek(fd, 100, os.SEEK_END))
        see('read there', lambda: os.read(fd, 10))
        see('write there', lambda: os.write(fd, b'z'), content)
        see('no such whence', lambda: os.lseek(fd, 0, 77))
        os.close(fd)


def directly():
    with folder():
        fd = os.open('a', os.O_RDWR | os.O_CREAT | os.O_DIRECT)
        page = mmap.mmap(-1, 1 << 20)
        page.write(pattern(1 << 20))
        see('direct write', lambda: os.pwrite(fd, page, 0), content)
        see('direct write further on', lambda: os.pwrite(fd, page, 3 << 20), content)
        into = mmap.mmap(-1, 1 << 20)
        see('direct read', lambda: os.preadv(fd, [into], 3 << 20), lambda: into[:] == page[:])
        see('direct read of a hole', lambda: os.preadv(fd, [into], 1 << 20),
            lambda: not any(into[:4096]))
        see('direct read across the end', lambda: os.preadv(fd, [into], (4 << 20) - 4096))
        buffered = os.open('a', os.O_RDWR)
        os.pwrite(buffered, b'buffered', 0)
        see('buffered, then direct', lambda: os.preadv(fd, [into], 0), lambda: into[:8])
        page[:6] = b'direct'
        os.pread(buffered, 10, 4096)
        see('direct, then buffered', lambda: os.pwrite(fd, page, 4096),
            lambda: os.pread(buffered, 6, 4096))
        os.close(buffered)
        os.close(fd)


def copies():
    for source_at in (0, 1, BLOCK):
        for target_at in (0, 1, BLOCK, 50000):
            for length in (0, 1, BLOCK, 30000, 10**6):
                with folder():
                    write('a', pattern(20000))
                    write('b', pattern(9000, 2))
                    see(f'copy {length} from {source_at} to {target_at}', lambda: copy(
                        'a', 'b', length, source_at, target_at), lambda: content('b'))
    for source, target in ((0, 0), (0, 100), (100, 0), (5000, 0), (0, 5000), (0, 20000)):
        with folder():
            write('a', pattern(20000))
            see(f'copy within, {source} to {target}', lambda: copy('a', 'a', 5000, source, target),
                content)
    with folder():
        write('a', pattern(10))
        os.mkdir('d')
        see('copy to a reader', lambda: closed('a', os.O_RDONLY, lambda f: os.copy_file_range(
            f, f, 1, 0, 5)))
        see('copy to an appender', lambda: closed('a', os.O_RDWR | os.O_APPEND, lambda f:
            os.copy_file_range(f, f, 1, 0, 5)))
        see('copy of a directory', lambda: closed('d', os.O_RDONLY, lambda d: closed(
            'a', os.O_RDWR, lambda f: os.copy_file_range(d, f, 1))))


def copy(source, target, length, source_at, target_at):
    return closed(source, os.O_RDONLY, lambda i: closed(
        target, os.O_RDWR, lambda o: os.copy_file_range(i, o, length, source_at, target_at)))


def pipes():
    with folder():
        write('a', pattern(50000))
        r, w = os.pipe()
        source = os.open('a', os.O_RDONLY)
        target = os.open('b', os.O_RDWR | os.O_CREAT)
        see('splice out', lambda: os.splice(source, w, 30000, offset_src=100))
        see('splice in', lambda: os.splice(r, target, 30000, offset_dst=50), lambda: content('b'))
        see('splice past the end', lambda: os.splice(source, w, 30000, offset_src=50000))
        see('sendfile', lambda: os.sendfile(target, source, 7, 40000), lambda: content('b'))
        for fd in (r, w, source, target):
            os.close(fd)


def mappings():
    with folder():
        write('a', pattern(4 * BLOCK))
        fd = os.open('a', os.O_RDWR)
        with mmap.mmap(fd, 4 * BLOCK) as shared:
            os.ftruncate(fd, 3 * BLOCK + 100)
            say('a map shows what is there', shared[:100] == pattern(100))
            say('and zeroes past the end', not any(shared[3 * BLOCK + 100:]))
            shared[10:15] = b'store'
            say('read sees a store', os.pread(fd, 5, 10))
            os.pwrite(fd, b'write', BLOCK)
            say('a map sees a write', shared[BLOCK:BLOCK + 5])
            shared[3 * BLOCK + 100:] = b'x' * (BLOCK - 100)
            shared.flush()
            os.ftruncate(fd, 4 * BLOCK)
            say('stores past the end are lost', not any(read('a')[3 * BLOCK + 100:]))
            os.ftruncate(fd, BLOCK)
            os.ftruncate(fd, 4 * BLOCK)
            say('zeroes after a truncate', not any(shared[BLOCK:]))
            shared[2 * BLOCK:2 * BLOCK + 4] = b'back'
            os.unlink('a')
            say('after unlink', os.pread(fd, 4, 2 * BLOCK))
        os.close(fd)
    with folder():
        write('a', b'x' * BLOCK)
        fd = os.open('a', os.O_RDONLY)
        see('writable map of a reader', lambda: mmap.mmap(fd, BLOCK, prot=mmap.PROT_WRITE))
        with mmap.mmap(fd, BLOCK, flags=mmap.MAP_PRIVATE, prot=3) as private:
            private[:3] = b'own'
            say('a private store stays private', read('a')[:3])
        os.close(fd)
        say('a store past the end', died_storing_past_the_end())
        fd = os.open('a', os.O_RDWR)
        LIBC.mmap.restype = ctypes.c_long
        see('a synchronous map', lambda: checked(LIBC.mmap(None, BLOCK, 3, 0x80003, fd, 0)))
        os.close(fd)


def died_storing_past_the_end():
    pid = os.fork()
    if pid == 0:
        fd = os.open('a', os.O_RDWR)
        shared = mmap.mmap(fd, BLOCK)
        os.ftruncate(fd, 0)
        shared[0] = 1
        os._exit(0)
    return signal.Signals(os.WTERMSIG(os.waitpid(pid, 0)[1])).name


def far_away():
    with folder():
        fd = os.open('a', os.O_RDWR | os.O_CREAT)
        for power in (31, 32, 40, 42):
            see(f'write at 2^{power}', lambda: os.pwrite(fd, b'far', 2**power),
                lambda: (os.fstat(fd).st_size, os.pread(fd, 5, 2**power - 1)))
        see('truncate of it', lambda: os.ftruncate(fd, 5), content)
        for offset in (2**63 - 1, 2**62):
            see(f'write at {offset}', lambda: os.pwrite(fd, b'x', offset))
            see(f'read at {offset}', lambda: os.pread(fd, 1, offset))
            see(f'truncate to {offset}', lambda: os.ftruncate(fd, offset))
        for offset in (-1, -2**63):
            see(f'write at {offset}', lambda: os.pwrite(fd, b'x', offset))
            see(f'read at {offset}', lambda: os.pread(fd, 1, offset))
            see(f'truncate to {offset}', lambda: os.ftruncate(fd, offset))
        see('untouched', content, lambda: os.fstat(fd).st_blocks <= 8)
        os.close(fd)


def limited(call):
    """Makes a call under a limit of 10000 bytes to a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10000, hard))
    try:
        return call()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def limits():
    """What RLIMIT_FSIZE allows; the signal that comes with it is ignored."""
    with folder():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        fd = os.open('a', os.O_RDWR | os.O_CREAT)
        for act, call in {
                'write across': lambda: os.pwrite(fd, b'x' * 5000, 8000),
                'write past': lambda: os.pwrite(fd, b'x', 10000),
                'truncate to': lambda: os.ftruncate(fd, 10000),
                'truncate past': lambda: os.ftruncate(fd, 10001),
                'allocate past': lambda: os.posix_fallocate(fd, 0, 10001)}.items():
            see(f'{act} the limit', lambda: limited(call), content)
        os.close(fd)


def several_descriptors():
    with folder():
        write('a', b'0123456789')
        one = os.open('a', os.O_RDWR)
        two = os.dup(one)
        three = os.open('a', os.O_RDWR)
        os.read(one, 4)
        say('a copy shares the position', os.read(two, 2))
        say('another open does not', os.read(three, 2))
        os.write(three, b'XX')
        say('all see a write', os.pread(one, 10, 0))
        pid = os.fork()
        if pid == 0:
            os.pwrite(one, b'child', 0)
            os.ftruncate(two, 6)
            os._exit(0)
        os.waitpid(pid, 0)
        say('and what a child did', (os.pread(three, 10, 0), os.fstat(one).st_size))
        for fd in (one, two, three):
            os.close(fd)


def syncs():
    with folder():
        write('a', b'x' * 10000)
        os.mkdir('d')
        for name, path in (('file', 'a'), ('directory', 'd')):
            see(f'fsync of a {name}', lambda: closed(path, os.O_RDONLY, os.fsync))
            see(f'fdatasync of a {name}', lambda: closed(path, os.O_RDONLY, os.fdatasync))
        see('syncfs', lambda: closed('d', os.O_RDONLY, lambda f: checked(LIBC.syncfs(f))))
        see('sync_file_range', lambda: closed('a', os.O_RDWR, lambda f: checked(
            LIBC.sync_file_range(f, ctypes.c_long(0), ctypes.c_long(100), 7))))
        see('advice', lambda: closed('a', os.O_RDONLY, lambda f: os.posix_fadvise(
            f, 0, 0, os.POSIX_FADV_DONTNEED)))
        see('readahead', lambda: closed('a', os.O_RDONLY, lambda f: checked(
            LIBC.readahead(f, ctypes.c_long(0), 5000))))


def at_random():
    """Random calls; a model of bytes says what must be there."""
    for seed in range(4):
        with folder():
            draw = random.Random(seed)
            model = bytearray()
            fd = os.open('a', os.O_RDWR | os.O_CREAT)
            for _ in range(250):
                step(draw, fd, model)
            say(f'random calls, seed {seed}', content() == (len(model), hashlib.sha256(
                model).hexdigest()[:16]))
            os.close(fd)


def step(draw, fd, model):
    at, length = draw.randrange(60000), draw.randrange(1, 20000)
    what = draw.randrange(6)
    if what < 3:
        data = draw.randbytes(length)
        if what == 0:
            os.pwrite(fd, data, at)
        elif what == 1:
            os.ftruncate(fd, max(len(model), at + length))
            with mmap.mmap(fd, 0) as shared:
                shared[at:at + length] = data
        else:
            at = len(model)
            os.pwrite(fd, data, at)
        model.extend(bytes(max(0, at + length - len(model))))
        model[at:at + length] = data
    elif what == 3:
        os.ftruncate(fd, at)
        del model[at:]
        model.extend(bytes(at - len(model)))
    elif what == 4:
        from observe import fallocate
        fallocate(fd, 3, at, length)
        end = min(at + length, len(model))
        model[at:end] = bytes(max(0, end - at))
    else:
        assert os.pread(fd, length, at) == bytes(model[at:at + length])
