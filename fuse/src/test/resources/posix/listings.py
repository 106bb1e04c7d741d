"""Reading directories: positions, small buffers, and entries that come, go and move meanwhile."""
import ctypes
import os
import struct

from observe import LIBC, checked, folder, say, see, write

SYS_GETDENTS64 = 217 if os.uname().machine == 'x86_64' else 61


def entries(fd, room=32768):
    """The next entries of a directory: inode, position after it, kind and name."""
    buffer = ctypes.create_string_buffer(room)
    length = checked(LIBC.syscall(ctypes.c_long(SYS_GETDENTS64), fd, buffer, room))
    found, at = [], 0
    while at < length:
        inode, cookie, size, kind = struct.unpack_from('QqHB', buffer, at)
        name = buffer.raw[at + 19 : at + size].split(b'\0')[0].decode()
        found.append((inode, cookie, kind, name))
        at += size
    return found


def all_names(fd, room=32768):
    names = []
    while True:
        some = entries(fd, room)
        if not some:
            return names
        names += [name for *_, name in some]


def run():
    buffers()
    positions()
    fresh()
    moving()
    dots()


def buffers():
    with folder():
        for n in range(300):
            write(f'{n}' + 'x' * (n % 200), b'')
        for room in (280, 1000, 4096, 1 << 20):
            fd = os.open('.', os.O_RDONLY)
            say(f'buffer of {room}', len(set(all_names(fd, room))))
            os.close(fd)
        for room in (0, 1, 10, 23):
            fd = os.open('.', os.O_RDONLY)
            see(f'buffer of {room}', lambda: all_names(fd, room))
            os.close(fd)
        fd = os.open('0', os.O_RDONLY)
        see('of a file', lambda: all_names(fd))
        os.close(fd)
        see('of nothing', lambda: all_names(999))
        fd = os.open('.', os.O_RDONLY)
        see(
            'bad address',
            lambda: checked(
                LIBC.syscall(ctypes.c_long(SYS_GETDENTS64), fd, ctypes.c_void_p(8), 32768)
            ),
        )
        os.close(fd)


def positions():
    """Every position that was given leads to what followed it, whatever was removed since."""
    with folder():
        for n in range(200):
            write(f'f{n}', b'')
        fd = os.open('.', os.O_RDONLY)
        listed = []
        while some := entries(fd, 1024):
            listed += some
        say('positions differ', len({cookie for _, cookie, *_ in listed}) == len(listed))
        right = 0
        for at in range(0, len(listed) - 1, 7):
            os.lseek(fd, listed[at][1], os.SEEK_SET)
            right += entries(fd, 1024)[0][3] == listed[at + 1][3]
        say('positions lead on', right == len(range(0, len(listed) - 1, 7)))
        os.lseek(fd, listed[-1][1], os.SEEK_SET)
        say('the last to the end', entries(fd))
        for at in range(0, 202, 2):
            if listed[at][3][0] == 'f':
                os.unlink(listed[at][3])
        left = [name for *_, name in listed if os.path.lexists(name)]
        right = 0
        for at in range(0, len(listed) - 1, 7):
            os.lseek(fd, listed[at][1], os.SEEK_SET)
            rest = [name for *_, name in listed[at + 1 :] if name in left]
            right += all_names(fd) == rest
        say('also of removed entries', right == len(range(0, len(listed) - 1, 7)))
        os.lseek(fd, 0, os.SEEK_SET)
        say('from the start', sorted(all_names(fd)) == sorted(left))
        see('before the start', lambda: os.lseek(fd, -5, os.SEEK_SET))
        os.close(fd)


def fresh():
    """What is made after an open is seen after a rewind."""
    with folder():
        fd = os.open('.', os.O_RDONLY)
        say('empty', sorted(all_names(fd)))
        for n in range(50):
            write(f'n{n}', b'')
        os.lseek(fd, 0, os.SEEK_SET)
        say('rewound', len(all_names(fd)))
        for n in range(50):
            os.unlink(f'n{n}')
        os.lseek(fd, 0, os.SEEK_SET)
        say('rewound again', sorted(all_names(fd)))
        os.close(fd)


def moving():
    """Renaming each entry as it is listed comes to an end, and misses none."""
    with folder():
        for n in range(1000):
            write(f'old{n}', b'')
        fd = os.open('.', os.O_RDONLY)
        seen, listed = set(), 0
        while (some := entries(fd, 4096)) and listed < 20000:
            for *_, name in some:
                listed += 1
                if name.startswith('old'):
                    seen.add(name)
                    os.rename(name, 'new' + name[3:])
        os.close(fd)
        say('every one is seen', len(seen))
        say('and the end', listed < 20000)
        say('nothing is lost', len(os.listdir('.')))


def dots():
    with folder():
        os.makedirs('a/b')
        fd = os.open('a/b', os.O_RDONLY)
        found = {name: inode for inode, _, _, name in entries(fd)}
        say('dot', found['.'] == os.stat('a/b').st_ino)
        say('dot dot', found['..'] == os.stat('a').st_ino)
        os.rename('a/b', 'c')
        os.lseek(fd, 0, os.SEEK_SET)
        found = {name: inode for inode, _, _, name in entries(fd)}
        say('dot dot after a move', found['..'] == os.stat('.').st_ino)
        os.rmdir('c')
        os.lseek(fd, 0, os.SEEK_SET)
        see('removed', lambda: len(entries(fd)))
        os.close(fd)
