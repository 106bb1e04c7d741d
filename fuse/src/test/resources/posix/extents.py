"""Allocated and unwritten space, seeks in it, and block counts."""
import errno
import os
import random

from observe import closed, fallocate, folder, read, say, see, write

B = 4096


def seeks(fd):
    found, at, end = [], 0, os.fstat(fd).st_size
    while at < end:
        try:
            data = os.lseek(fd, at, os.SEEK_DATA)
        except OSError as e:
            if e.errno != errno.ENXIO:
                raise
            break
        at = os.lseek(fd, data, os.SEEK_HOLE)
        found.append((data // B, -(-at // B)))
    return found


def blocks(fd):
    os.fsync(fd)
    return os.fstat(fd).st_blocks // 8, os.fstat(fd).st_size


def run():
    unwritten()
    many_holes()
    ends()
    sizes()
    same_again()
    odd_offsets()


def unwritten():
    for name, steps in {
        'allocated': [(0, 0, 10)],
        'allocated, one written': [(0, 0, 10), ('w', 3, 1)],
        'allocated, first and last written': [(0, 0, 10), ('w', 0, 1), ('w', 9, 1)],
        'written, then allocated': [('w', 0, 2), (0, 0, 10)],
        'kept past the end': [('w', 0, 2), (1, 0, 10)],
        'kept, then extended': [('w', 0, 2), (1, 0, 10), ('t', 10, 0)],
        'punched': [('w', 0, 10), (3, 2, 3)],
        'zeroed': [('w', 0, 10), (16, 2, 3)],
        'zeroed and kept': [('w', 0, 10), (17, 8, 5)],
        'zeroed past the end': [('w', 0, 10), (16, 8, 5)],
        'punched at the end': [('w', 0, 10), (3, 8, 5)],
        'punched and refilled': [('w', 0, 10), (3, 2, 3), ('w', 3, 1)],
        'truncated into a hole': [('w', 5, 2), ('t', 3, 0)],
        'extended': [('w', 0, 1), ('t', 10, 0)],
        'allocated, written, punched all': [(0, 0, 10), ('w', 0, 10), (3, 0, 10)],
    }.items():
        with folder():
            fd = os.open('a', os.O_RDWR | os.O_CREAT)
            for what, at, length in steps:
                if what == 'w':
                    os.pwrite(fd, b'x' * (length * B), at * B)
                elif what == 't':
                    os.ftruncate(fd, at * B)
                else:
                    fallocate(fd, what, at * B, length * B)
            if 'zeroed' not in name:
                # A zeroed range may be data or a hole, as a file system likes.
                say(f'{name}: seeks before a sync', seeks(fd))
            say(f'{name}: blocks', blocks(fd))
            if 'zeroed' not in name:
                say(f'{name}: seeks', seeks(fd))
            os.close(fd)


def many_holes():
    with folder():
        fd = os.open('a', os.O_RDWR | os.O_CREAT)
        for n in range(500):
            os.pwrite(fd, b'x', (2 * n + 1) * B)
        os.fsync(fd)
        say('500 holes', len(seeks(fd)))
        os.ftruncate(fd, 3000 * B)
        say('and one', seeks(fd)[-1])
        see('data in the last', lambda: os.lseek(fd, 2000 * B, os.SEEK_DATA))
        see('hole in the last', lambda: os.lseek(fd, 2000 * B, os.SEEK_HOLE))
        os.ftruncate(fd, 1000 * B)
        os.ftruncate(fd, 500 * B + 1)
        say('cut', (len(seeks(fd)), os.fstat(fd).st_size))
        os.close(fd)


def ends():
    for size in (1, B - 1, B, B + 1, 3 * B):
        with folder():
            write('a', b'x' * size)
            fd = os.open('a', os.O_RDWR)
            for at in (0, size - 1, size, size + 1, -1, 2**62, 2**63 - 1):
                for what in (os.SEEK_DATA, os.SEEK_HOLE):
                    see(
                        f'{size}: {what} from {at}',
                        lambda: os.lseek(fd, at, what),
                        lambda: os.lseek(fd, 0, os.SEEK_CUR),
                    )
            os.close(fd)
    with folder():
        fd = os.open('a', os.O_RDWR | os.O_CREAT)
        for what in (os.SEEK_DATA, os.SEEK_HOLE):
            see(f'empty: {what}', lambda: os.lseek(fd, 0, what))
        os.close(fd)
        fd = os.open('.', os.O_RDONLY)
        see('end of a directory', lambda: os.lseek(fd, 0, os.SEEK_HOLE) is not None)
        os.close(fd)
        os.mkfifo('p')
        see('of a fifo', lambda: closed('p', os.O_RDWR, lambda f: os.lseek(f, 0, os.SEEK_DATA)))
        write('big', b'')
        for size in (2**31, 2**32 + 5, 2**40):
            os.truncate('big', size)
            see(
                f'{size} of hole',
                lambda: closed('big', os.O_RDONLY, lambda f: os.lseek(f, 5, os.SEEK_HOLE)),
            )
            see(
                f'{size} of no data',
                lambda: closed('big', os.O_RDONLY, lambda f: os.lseek(f, 5, os.SEEK_DATA)),
            )
            see(
                f'{size}: from the end',
                lambda: closed('big', os.O_RDONLY, lambda f: os.lseek(f, -3, os.SEEK_END)),
            )


def sizes():
    for offset, length in (
        (0, 1),
        (0, B),
        (1, B),
        (B - 1, 2),
        (100, 10 * B),
        (5 * B, 1),
        (5 * B - 1, B + 2),
    ):
        for mode in (0, 1, 3, 16, 17):
            with folder():
                write('a', b'y' * (2 * B + 50))
                fd = os.open('a', os.O_RDWR)
                see(
                    f'{mode}: {length} at {offset}',
                    lambda: fallocate(fd, mode, offset, length),
                    lambda: blocks(fd),
                )
                os.close(fd)


def same_again():
    """What is done a second time takes no more space."""
    with folder():
        fd = os.open('a', os.O_RDWR | os.O_CREAT)
        fallocate(fd, 0, 0, 100 * B)
        say('allocated', blocks(fd))
        fallocate(fd, 0, 0, 100 * B)
        say('allocated again', blocks(fd))
        os.pwrite(fd, b'x' * (100 * B), 0)
        say('written', blocks(fd))
        fallocate(fd, 3, 0, 100 * B)
        fallocate(fd, 3, 0, 100 * B)
        say('punched twice', blocks(fd))
        free = os.statvfs('.').f_bfree
        for n in range(20):
            fallocate(fd, 0, n * B * 1000, 1000 * B)
            os.ftruncate(fd, 0)
        os.fsync(fd)
        say('space comes back', abs(os.statvfs('.').f_bfree - free) < 2000)
        os.close(fd)


def odd_offsets():
    for seed in range(6):
        with folder():
            draw = random.Random(seed)
            model = bytearray()
            fd = os.open('a', os.O_RDWR | os.O_CREAT)
            for _ in range(120):
                at, n = draw.randrange(20 * B), draw.randrange(1, 6 * B)
                what = draw.randrange(7)
                if what < 2:
                    data = draw.randbytes(n)
                    os.pwrite(fd, data, at)
                    model.extend(bytes(max(0, at + n - len(model))))
                    model[at : at + n] = data
                elif what == 2:
                    os.ftruncate(fd, at)
                    model = model[:at] + bytes(max(0, at - len(model)))
                else:
                    mode = (0, 1, 3, 16, 17)[draw.randrange(5)]
                    fallocate(fd, mode, at, n)
                    if mode in (0, 16):
                        model.extend(bytes(max(0, at + n - len(model))))
                    if mode in (3, 16, 17):
                        end = min(at + n, len(model))
                        if end > at:
                            model[at:end] = bytes(end - at)
                if os.fstat(fd).st_size != len(model):
                    say(f'size, seed {seed}', 'wrong')
            data = set()
            for a, b in seeks(fd):
                data.update(range(a, b))
            lost = [
                n
                for n in range(len(model) // B + 1)
                if any(model[n * B : n * B + B]) and n not in data
            ]
            say(f'seed {seed}', (bytes(model) == read('a'), lost))
            os.close(fd)
