"""Holes and allocated space: fallocate in all its modes, and seeking for holes and data."""
import hashlib
import os

from observe import KINDS, closed, fallocate, folder, make, read, say, see, write

BLOCK = 4096
MODES = {'allocate': 0, 'keep size': 1, 'punch': 3, 'punch without keeping': 2, 'zero': 16,
         'zero and keep size': 17, 'collapse': 8, 'insert': 32, 'unshare': 64, 'nonsense': 0x400}


def after():
    data = read('a')
    return len(data), hashlib.sha256(data).hexdigest()[:12], os.stat('a').st_blocks // 8


def run():
    for mode, bits in MODES.items():
        for offset, length in ((0, BLOCK), (0, 3 * BLOCK), (BLOCK, BLOCK), (100, 200),
                               (BLOCK - 1, 2), (100, 3 * BLOCK), (3 * BLOCK, BLOCK),
                               (2 * BLOCK + 100, 5 * BLOCK), (0, 0), (-1, 5), (5, -1),
                               (2**63 - 5, 10), (2**62, 10)):
            # What is past the largest file is a matter of the file system, so no case of its own.
            if mode in ('collapse', 'insert', 'unshare', 'nonsense') and offset >= 0:
                continue
            with folder():
                write('a', b'AbCd' * (3 * BLOCK // 4))
                see(f'{mode}: {length} at {offset}', lambda: closed(
                    'a', os.O_RDWR, lambda f: fallocate(f, bits, offset, length)), after)
    for kind in KINDS[1:]:
        if kind in ('dangling', 'loop', 'sock', 'blk'):
            continue
        with folder():
            make(kind, 'a')
            see(f'allocate in {kind}', lambda: closed('a', os.O_RDONLY | os.O_NONBLOCK,
                                                      lambda f: fallocate(f, 0, 0, 100)))
    holes()
    blocks()


def seeks(fd):
    """The data ranges, by seeking."""
    found, at, end = [], 0, os.fstat(fd).st_size
    while at < end:
        try:
            data = os.lseek(fd, at, os.SEEK_DATA)
        except OSError:
            break
        at = os.lseek(fd, data, os.SEEK_HOLE)
        found.append((data, at))
    return found


def holes():
    for ranges in ((), ((0, 1),), ((BLOCK, 2 * BLOCK),), ((0, BLOCK), (5 * BLOCK, 6 * BLOCK)),
                   ((3 * BLOCK, 3 * BLOCK + 10),), ((100, 200), (9 * BLOCK - 1, 9 * BLOCK))):
        with folder():
            fd = os.open('a', os.O_RDWR | os.O_CREAT)
            os.ftruncate(fd, 10 * BLOCK)
            for start, end in ranges:
                os.pwrite(fd, b'x' * (end - start), start)
            os.fsync(fd)
            say(f'data of {ranges}', seeks(fd))
            for at in (0, BLOCK, 10 * BLOCK - 1, 10 * BLOCK, 10 * BLOCK + 1, -1):
                see(f'{ranges}: data from {at}', lambda: os.lseek(fd, at, os.SEEK_DATA))
                see(f'{ranges}: hole from {at}', lambda: os.lseek(fd, at, os.SEEK_HOLE))
            os.close(fd)


def blocks():
    with folder():
        fd = os.open('a', os.O_RDWR | os.O_CREAT)
        os.ftruncate(fd, 1 << 30)
        say('a hole has no blocks', os.fstat(fd).st_blocks)
        os.pwrite(fd, b'x', 1 << 29)
        os.fsync(fd)
        say('a byte has a block', os.fstat(fd).st_blocks)
        fallocate(fd, 3, 1 << 29, BLOCK)
        say('until it is punched', os.fstat(fd).st_blocks)
        fallocate(fd, 1, 2 << 30, 5 * BLOCK)
        say('past the end', (os.fstat(fd).st_blocks, os.fstat(fd).st_size))
        os.ftruncate(fd, 1 << 30)
        say('until a truncate', os.fstat(fd).st_blocks)
        os.close(fd)
