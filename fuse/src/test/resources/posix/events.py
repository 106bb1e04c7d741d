"""What inotify tells of calls, and file systems' own calls: statfs, handles, flags."""
import ctypes
import os
import struct

from observe import (AT_FDCWD, LIBC, checked, closed, fallocate, folder, make, opens, renameat2, say,
                     see, write)

NAMES = {1: 'access', 2: 'modify', 4: 'attrib', 8: 'close-write', 16: 'close', 32: 'open',
         64: 'moved-from', 128: 'moved-to', 256: 'create', 512: 'delete', 1024: 'delete-self',
         2048: 'move-self', 8192: 'unmount', 32768: 'ignored', 1 << 30: 'dir'}

ACTS = {
    'read': lambda: closed('d/f', os.O_RDONLY, lambda f: os.read(f, 3)),
    'write': lambda: closed('d/f', os.O_WRONLY, lambda f: os.write(f, b'x')),
    'truncate': lambda: os.truncate('d/f', 1),
    'allocate': lambda: closed('d/f', os.O_WRONLY, lambda f: fallocate(f, 0, 0, 100)),
    'chmod': lambda: os.chmod('d/f', 0o600),
    'utime': lambda: os.utime('d/f'),
    'setxattr': lambda: os.setxattr('d/f', 'trusted.a', b'1'),
    'link': lambda: os.link('d/f', 'd/l'),
    'unlink': lambda: os.unlink('d/f'),
    'create': lambda: opens('d/n', os.O_CREAT | os.O_WRONLY),
    'mkdir': lambda: os.mkdir('d/n'),
    'symlink': lambda: os.symlink('t', 'd/n'),
    'rename': lambda: os.rename('d/f', 'd/g'),
    'rename over': lambda: os.rename('d/f', 'd/h'),
    'exchange': lambda: renameat2('d/f', 'd/h', 2),
    'list': lambda: os.listdir('d'),
}


def run():
    for act, call in ACTS.items():
        with folder():
            os.mkdir('d')
            write('d/f', b'content')
            write('d/h', b'content')
            fd = checked(LIBC.inotify_init1(os.O_NONBLOCK))
            for watched in ('d', 'd/f', 'd/h'):
                checked(LIBC.inotify_add_watch(fd, watched.encode(), 0xfff))
            call()
            say(act, list(events(fd)))
            os.close(fd)
    sizes()
    handles()


def events(fd):
    try:
        data = os.read(fd, 65536)
    except BlockingIOError:
        return
    at = 0
    while at < len(data):
        watch, mask, _, length = struct.unpack_from('iIII', data, at)
        name = data[at + 16:at + 16 + length].rstrip(b'\0').decode()
        yield ' '.join([str(watch), name, *(n for bit, n in NAMES.items() if mask & bit)])
        at += 16 + length


def sizes():
    with folder():
        s = os.statvfs('.')
        say('statvfs', (s.f_bsize, s.f_frsize, s.f_namemax, s.f_bfree <= s.f_blocks,
                        s.f_bavail <= s.f_bfree, s.f_files > 0, s.f_ffree <= s.f_files))
        write('a', b'x' * 10000)
        say('preferred block', (os.stat('a').st_blksize, os.stat('.').st_blksize))
        say('one device', os.stat('a').st_dev == os.stat('.').st_dev)
        numbers = {os.stat('.').st_ino}
        for n in range(100):
            write(f'f{n}', b'')
            numbers.add(os.stat(f'f{n}').st_ino)
        say('numbers of their own', len(numbers))
        number = os.stat('f3').st_ino
        os.rename('f3', 'g3')
        os.link('g3', 'h3')
        say('kept by a move', os.stat('h3').st_ino == number)


def handles():
    """A handle of a file opens it, while somebody knows the file."""
    with folder():
        write('a', b'content')
        handle = ctypes.create_string_buffer(8 + 128)
        struct.pack_into('I', handle, 0, 128)
        mount = ctypes.c_int()
        see('a handle', lambda: checked(LIBC.name_to_handle_at(
            AT_FDCWD, b'a', handle, ctypes.byref(mount), 0)))
        folder_fd = os.open('.', os.O_RDONLY)

        def by_handle():
            fd = checked(LIBC.open_by_handle_at(folder_fd, handle, os.O_RDONLY))
            try:
                return os.read(fd, 20)
            finally:
                os.close(fd)
        see('opened by it', by_handle)
        os.rename('a', 'b')
        see('after a move', by_handle)
        os.unlink('b')
        see('after unlink', by_handle)
        os.close(folder_fd)
