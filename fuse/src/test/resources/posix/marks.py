"""Times, set-id bits, lists and attributes, in what the other parts leave out."""
import ctypes
import fcntl
import mmap
import os
import stat
import subprocess
import time

from acls import ACCESS, EXTENDED, MINIMAL
from observe import (
    GROUP,
    OTHER,
    USER,
    about,
    answer,
    closed,
    fallocate,
    folder,
    opens,
    read,
    say,
    see,
    user,
    write,
)
from times import statx

OLD = 10**18


def run():
    change_times()
    access_times()
    far_times()
    births()
    set_id()
    programs()
    attributes()
    longer_and_shorter()


def changes(name, call):
    before = os.lstat(name)
    time.sleep(0.012)
    result = answer(call)
    after = os.lstat(name)
    return result, ''.join(
        c
        for c, a, b in zip(
            'amc',
            (before.st_atime_ns, before.st_mtime_ns, before.st_ctime_ns),
            (after.st_atime_ns, after.st_mtime_ns, after.st_ctime_ns),
        )
        if a != b
    )


def change_times():
    acts = {
        'remove an attribute': lambda: os.removexattr('f', 'trusted.a'),
        'remove what is not there': lambda: os.removexattr('f', 'trusted.none'),
        'set a list': lambda: os.setxattr('f', ACCESS, EXTENDED),
        'set a list that is the mode': lambda: os.setxattr('f', ACCESS, MINIMAL),
        'remove a list that is not there': lambda: os.removexattr('f', ACCESS),
        'zero': lambda: closed('f', os.O_RDWR, lambda f: fallocate(f, 16, 0, 4)),
        'zero past the end': lambda: closed('f', os.O_RDWR, lambda f: fallocate(f, 16, 0, 4000)),
        'zero and keep': lambda: closed('f', os.O_RDWR, lambda f: fallocate(f, 17, 0, 4000)),
        'punch past the end': lambda: closed('f', os.O_RDWR, lambda f: fallocate(f, 3, 8192, 4000)),
        'allocate what is allocated': lambda: closed(
            'f', os.O_RDWR, lambda f: fallocate(f, 0, 0, 4)
        ),
        'allocate kept what is allocated': lambda: closed(
            'f', os.O_RDWR, lambda f: fallocate(f, 1, 0, 4)
        ),
        'fail to allocate': lambda: closed('f', os.O_RDWR, lambda f: fallocate(f, 0, 0, 0)),
        'empty open to truncate': lambda: (
            os.truncate('f', 0),
            time.sleep(0.012),
            opens('f', os.O_WRONLY | os.O_TRUNC),
        )[2],
        'sendfile': lambda: closed(
            'f', os.O_RDWR, lambda o: closed('g', os.O_RDONLY, lambda i: os.sendfile(o, i, 0, 5))
        ),
        'direct read': lambda: closed(
            'f', os.O_RDONLY | os.O_DIRECT, lambda f: os.preadv(f, [mmap.mmap(-1, 4096)], 0)
        ),
        'map to read': lambda: closed('f', os.O_RDONLY, lambda f: mmap.mmap(f, 4, prot=1)[0]),
        'fchmod': lambda: closed('f', os.O_RDONLY, lambda f: os.fchmod(f, 0o600)),
        'fchown': lambda: closed('f', os.O_RDONLY, lambda f: os.fchown(f, 1, 1)),
        'fail to chmod': lambda: as_other(lambda: os.chmod('f', 0o600)),
        'fail to write': lambda: closed('f', os.O_RDONLY, lambda f: os.write(f, b'x')),
        'write across the end': lambda: closed('f', os.O_WRONLY, lambda f: os.pwrite(f, b'x', 100)),
        'lock': lambda: closed('f', os.O_RDWR, lambda f: fcntl.flock(f, fcntl.LOCK_EX)),
    }
    for act, call in acts.items():
        with folder():
            write('f', b'content')
            write('g', b'content')
            os.setxattr('f', 'trusted.a', b'v')
            os.utime('f', ns=(OLD, OLD))
            say(act, changes('f', call))


def as_other(call):
    with user(OTHER):
        return call()


def access_times():
    """As relatime: noted when not later than the last change, or a day old."""
    for name, atime, mtime in (
        ('older than the change', OLD, OLD + 5),
        ('as old', OLD, OLD),
        ('newer, years ago', OLD + 5, OLD),
        ('newer, today', None, OLD),
    ):
        with folder():
            write('f', b'content')
            os.mkdir('d')
            os.symlink('t', 's')
            now = time.time_ns() + 10**9 * 5
            for n in ('f', 'd', 's'):
                os.utime(n, ns=(now if atime is None else atime, mtime), follow_symlinks=False)
            # The change of attributes is now, later than any of these.
            say(f'{name}: file', changes('f', lambda: read('f')))
            say(f'{name}: again', changes('f', lambda: read('f')))
            # Now that the content is cached.
            os.utime('f', ns=(now if atime is None else atime, mtime))
            say(f'{name}: once more', changes('f', lambda: read('f')))
            say(f'{name}: directory', changes('d', lambda: os.listdir('d')))
            say(f'{name}: again', changes('d', lambda: os.listdir('d')))
            say(f'{name}: link', changes('s', lambda: os.readlink('s')))
            say(f'{name}: link followed', changes('s', lambda: answer(lambda: os.stat('s'))))


def far_times():
    for seconds in (
        -1,
        -(2**31) + 1,
        2**31 - 1,
        2**31,
        2**32,
        2**33,
        -86400 * 365 * 60,
        0,
    ):
        with folder():
            write('f')
            os.utime('f', ns=(seconds * 10**9, seconds * 10**9 + 999999999))
            say(f'{seconds}', (os.stat('f').st_atime_ns, os.stat('f').st_mtime_ns))
            os.mkdir('d')
            os.utime('d', ns=(seconds * 10**9 + 1, seconds * 10**9))
            say(f'{seconds} of a directory', (os.stat('d').st_atime_ns, os.stat('d').st_mtime_ns))


def births():
    for kind, make in {
        'file': lambda: write('x'),
        'dir': lambda: os.mkdir('x'),
        'link': lambda: os.symlink('t', 'x'),
        'fifo': lambda: os.mkfifo('x'),
    }.items():
        with folder():
            before = time.time_ns() - 20 * 10**6
            make()
            birth = statx('x', 0x100)[2]
            say(f'birth of a {kind}', before <= birth <= time.time_ns())
            os.link('x', 'y', follow_symlinks=False) if kind != 'dir' else None
            os.rename('x', 'z')
            say(f'kept by a {kind}', statx('z', 0x100)[2] == birth)


def set_id():
    """Which bits go for what, in every mix of rights to execute."""
    acts = {
        'write': lambda f: os.write(f, b'y'),
        'writev': lambda f: os.writev(f, [b'y', b'z']),
        'allocate': lambda f: fallocate(f, 0, 0, 65536),
        'keep': lambda f: fallocate(f, 1, 0, 65536),
        'punch': lambda f: fallocate(f, 3, 0, 4096),
        'zero': lambda f: fallocate(f, 16, 0, 4096),
        'zero keep': lambda f: fallocate(f, 17, 0, 65536),
        'ftruncate': lambda f: os.ftruncate(f, 5),
        'copy': lambda f: os.copy_file_range(f, f, 10, 0, 5000),
        'sendfile': lambda f: os.sendfile(f, f, 5000, 10),
        'store': store,
        'sync': os.fsync,
        'fchmod': lambda f: os.fchmod(f, stat.S_IMODE(os.fstat(f).st_mode)),
        'futimes': lambda f: os.utime(f),
        'setxattr': lambda f: os.setxattr(f, 'user.a', b'v'),
    }
    for act, call in acts.items():
        for mode in (0o6666, 0o6676, 0o6767, 0o6777, 0o2666, 0o4667):
            for uid, gid in ((0, 0), (OTHER, USER), (OTHER, OTHER)):
                with folder():
                    write('a', b'x' * 8192)
                    os.chown('a', USER, USER)
                    os.chmod('a', mode)
                    with user(uid, gid):
                        see(
                            f'{act} of {mode:o} by {uid}:{gid}',
                            lambda: closed('a', os.O_RDWR, call),
                            lambda: about('a')[:10],
                        )


def store(fd):
    with mmap.mmap(fd, 4096) as shared:
        shared[0] = 1


def programs():
    """Programs run from here, with the rights of their owners; scripts and libraries too."""
    with folder():
        write('id', read('/usr/bin/id'), 0o755)
        os.chown('id', USER, GROUP)
        os.chmod('id', 0o6755)
        with user(OTHER):
            say(
                'a set-id program',
                subprocess.run(['./id', '-u'], capture_output=True, text=True).stdout.split(),
            )
        write('s', b'#!/bin/sh\necho $0 $1\n', 0o755)
        say('a script', subprocess.run(['./s', 'x'], capture_output=True, text=True).stdout.split())
        os.symlink('s', 'l')
        say('by a link', subprocess.run(['./l', 'x'], capture_output=True, text=True).stdout.split())
        os.chmod('s', 0o644)
        see('not to be run', lambda: subprocess.run(['./s']).returncode)
        os.chmod('s', 0o011)
        with user(OTHER):
            see(
                'run, not read',
                lambda: subprocess.run(['./s'], stderr=subprocess.DEVNULL).returncode,
            )
        see('run a directory', lambda: subprocess.run(['.']).returncode)
        libc = next(line.split()[-1] for line in open('/proc/self/maps') if '/libc' in line)
        write('lib.so', read(libc), 0o755)
        say('a library', ctypes.CDLL('./lib.so').getpid() == os.getpid())


def attributes():
    for kind in ('a', 'd'):
        with folder():
            write('a')
            os.mkdir('d')
            for n in range(1000):
                if answer(lambda: os.setxattr(kind, f'user.{n:04}', b'v' * 20)) is not None:
                    break
            # How many fit is a matter of the file system; none is lost.
            fit = len(os.listxattr(kind))
            say(
                'all are there',
                all(os.getxattr(kind, f'user.{i:04}') == b'v' * 20 for i in range(fit)),
            )
            for i in range(fit):
                os.removexattr(kind, f'user.{i:04}')
            say('all gone', os.listxattr(kind))
    with folder():
        write('a')
        for name in (
            'user.' + 'n' * 250,
            'trusted.' + 'n' * 247,
            'user.a/b',
            'user.\n',
            'user.a\\',
            'user.😀',
            'user..',
            'user.-',
        ):
            see(
                f'{name[:12]!a}',
                lambda: os.setxattr('a', name, b'v'),
                lambda: (os.getxattr('a', name), os.listxattr('a') == [name]),
            )
            os.removexattr('a', name)


def longer_and_shorter():
    with folder():
        write('a')
        right = []
        for length in (1, 3000, 5, 2000, 2500, 0, 1, 1024, 1025, 31, 32, 33, 64, 255, 256, 3500):
            value = os.urandom(length)
            os.setxattr('a', 'user.v', value)
            os.setxattr('a', 'user.w', value[::-1][:100])
            right.append(
                os.getxattr('a', 'user.v') == value
                and os.getxattr('a', 'user.w') == value[::-1][:100]
            )
        say('replaced', right)
        for flag in (1, 2):
            see(
                f'flag {flag}',
                lambda: os.setxattr('a', 'user.v', b'n', flag),
                lambda: len(os.getxattr('a', 'user.v')),
            )
        fd = os.open('a', os.O_PATH)
        see('of a path', lambda: os.getxattr(fd, 'user.v'))
        os.close(fd)
