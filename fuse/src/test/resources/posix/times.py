"""Which times a call changes, of what it acts on and of the directories around; and setting them."""
import ctypes
import os
import time

from observe import (AT_FDCWD, AT_SYMLINK_NOFOLLOW, KINDS, LIBC, OTHER, USER, checked, closed,
                     fallocate, folder, make, opens, renameat2, say, see, user, write)

OLD = 1_000_000_000 * 10**9
NOW, OMIT = 2**30 - 1, 2**30 - 2
# Longer than the coarsest clock that a file system takes its times from.
TICK_SECONDS = 0.012

ACTS = {
    'read': lambda: closed('d/f', os.O_RDONLY, lambda f: os.read(f, 3)),
    'read of nothing': lambda: closed('d/f', os.O_RDONLY, lambda f: os.read(f, 0)),
    'write': lambda: closed('d/f', os.O_WRONLY, lambda f: os.write(f, b'ab')),
    'write of nothing': lambda: closed('d/f', os.O_WRONLY, lambda f: os.write(f, b'')),
    'append': lambda: closed('d/f', os.O_WRONLY | os.O_APPEND, lambda f: os.write(f, b'ab')),
    'synchronous write': lambda: closed('d/f', os.O_WRONLY | os.O_SYNC,
                                        lambda f: os.write(f, b'a')),
    'open to truncate': lambda: opens('d/f', os.O_WRONLY | os.O_TRUNC),
    'truncate to the same': lambda: os.truncate('d/f', 7),
    'truncate': lambda: os.truncate('d/f', 3),
    'extend': lambda: os.truncate('d/f', 70000),
    'ftruncate to the same': lambda: closed('d/f', os.O_RDWR, lambda f: os.ftruncate(f, 7)),
    'allocate': lambda: closed('d/f', os.O_RDWR, lambda f: fallocate(f, 0, 0, 9000)),
    'allocate past the end': lambda: closed('d/f', os.O_RDWR, lambda f: fallocate(f, 1, 0, 9000)),
    'punch': lambda: closed('d/f', os.O_RDWR, lambda f: fallocate(f, 3, 0, 4)),
    'chmod': lambda: os.chmod('d/f', 0o640),
    'chmod to the same': lambda: os.chmod('d/f', 0o644),
    'chown': lambda: os.chown('d/f', 3, 4),
    'chown to the same': lambda: os.chown('d/f', 0, 0),
    'chown to nobody at all': lambda: os.chown('d/f', -1, -1),
    'utime': lambda: os.utime('d/f', ns=(OLD, OLD)),
    'setxattr': lambda: os.setxattr('d/f', 'trusted.a', b'1'),
    'getxattr': lambda: os.listxattr('d/f'),
    'link': lambda: os.link('d/f', 'e/l'),
    'unlink of a second link': lambda: os.unlink('d/g'),
    'unlink': lambda: os.unlink('d/h'),
    'rename within': lambda: os.rename('d/f', 'd/x'),
    'rename to another directory': lambda: os.rename('d/f', 'e/x'),
    'rename over': lambda: os.rename('d/f', 'd/h'),
    'rename over a link': lambda: os.rename('d/h', 'd/g'),
    'rename onto its own link': lambda: os.rename('d/f', 'd/g'),
    'exchange': lambda: renameat2('d/f', 'e/o', 2),
    'rename of a directory': lambda: os.rename('d/s', 'e/s'),
    'create': lambda: opens('d/n', os.O_CREAT | os.O_WRONLY),
    'create what is there': lambda: opens('d/f', os.O_CREAT | os.O_WRONLY),
    'mkdir': lambda: os.mkdir('d/n'),
    'mkdir what is there': lambda: os.mkdir('d/s'),
    'rmdir': lambda: os.rmdir('d/s'),
    'mkfifo': lambda: os.mkfifo('d/n'),
    'symlink': lambda: os.symlink('t', 'd/n'),
    'readlink': lambda: os.readlink('d/k'),
    'nameless': lambda: opens('d', os.O_TMPFILE | os.O_WRONLY),
    'list': lambda: len(os.listdir('d')),
    'stat': lambda: os.stat('d/f').st_size,
    'open': lambda: opens('d/f', os.O_RDONLY),
    'open without time': lambda: closed('d/f', os.O_RDONLY | os.O_NOATIME,
                                        lambda f: os.read(f, 3)),
    'fsync': lambda: closed('d/f', os.O_RDWR, os.fsync),
    'copy to': lambda: closed('e/o', os.O_RDONLY, lambda i: closed(
        'd/f', os.O_WRONLY, lambda o: os.copy_file_range(i, o, 5))),
    'copy of nothing': lambda: closed('e/o', os.O_RDONLY, lambda i: closed(
        'd/f', os.O_WRONLY, lambda o: os.copy_file_range(i, o, 5, 1000))),
}

WATCHED = ('d', 'd/f', 'd/g', 'd/h', 'd/x', 'd/k', 'd/s', 'e', 'e/o', 'e/x', 'e/l', 'e/s')


def run():
    moved()
    setting()
    rights()
    granularity()
    births()


def fixture():
    os.mkdir('d')
    os.mkdir('e')
    write('d/f', b'content')
    os.link('d/f', 'd/g')
    write('d/h')
    write('e/o', b'other')
    os.mkdir('d/s')
    os.symlink('t', 'd/k')
    for name in WATCHED:
        if os.path.lexists(name):
            os.utime(name, ns=(OLD, OLD), follow_symlinks=False)


def stamps():
    """By inode, so that what moves is followed."""
    found = {}
    for name in WATCHED:
        try:
            s = os.lstat(name)
        except OSError:
            continue
        found[name] = (s.st_ino, s.st_atime_ns, s.st_mtime_ns, s.st_ctime_ns)
    return found


def moved():
    for act, call in ACTS.items():
        with folder():
            fixture()
            before = stamps()
            known = {s[0]: s for s in before.values()}
            time.sleep(TICK_SECONDS)
            began = time.time_ns()
            try:
                call()
            except OSError as e:
                say(f'{act}: fails', e.errno)
            changes = []
            for name, stamp in stamps().items():
                was = known.get(stamp[0])
                if was is None:
                    fresh = all(abs(t - began) < 5 * 10**9 for t in stamp[1:])
                    changes.append(f'{name} new {"now" if fresh else stamp}')
                else:
                    bits = ''.join(letter for letter, a, b in zip('amc', was[1:], stamp[1:])
                                   if a != b)
                    if bits:
                        changes.append(f'{name} {bits}')
            say(act, changes)


class Timespec(ctypes.Structure):
    _fields_ = [('seconds', ctypes.c_long), ('nanos', ctypes.c_long)]


def utimensat(path, atime, mtime, flags=0, dir_fd=AT_FDCWD):
    both = (Timespec * 2)(Timespec(*atime), Timespec(*mtime))
    checked(LIBC.utimensat(dir_fd, path and path.encode(), both, flags))


def seen(name='f'):
    """Times that were set show as they are, others as old or new."""
    s = os.lstat(name)
    return tuple('now' if abs(t - time.time_ns()) < 10 * 10**9 else t
                 for t in (s.st_atime_ns, s.st_mtime_ns))


SETTINGS = {'explicit': (5, 999_999_999), 'now': (0, NOW), 'omit': (0, OMIT),
            'too many nanoseconds': (5, 10**9), 'negative nanoseconds': (5, -1),
            'zero': (0, 0), 'before 1970': (-5, 1), 'past 2038': (2**31, 7),
            'past 2106': (2**32 + 5, 8)}


def setting():
    for atime, a in SETTINGS.items():
        for mtime, m in SETTINGS.items():
            with folder():
                write('f')
                os.utime('f', ns=(OLD, OLD))
                see(f'atime {atime}, mtime {mtime}', lambda: utimensat('f', a, m), seen)
    for kind in KINDS:
        for flags in (0, AT_SYMLINK_NOFOLLOW):
            with folder():
                make(kind, 'f')
                see(f'{kind}, flags {flags}', lambda: utimensat('f', (5, 6), (7, 8), flags),
                    lambda: (seen() if os.path.lexists('f') else None,
                             seen('f.to') if os.path.exists('f.to') else None))
    with folder():
        write('f')
        see('unknown flags', lambda: utimensat('f', (5, 6), (7, 8), 0x8000))
        fd = os.open('f', os.O_RDONLY)
        see('of a descriptor', lambda: utimensat(None, (5, 6), (7, 8), 0, fd), seen)
        os.close(fd)


def rights():
    for mode in (0o644, 0o666, 0o444):
        for caller, uid in (('owner', USER), ('other', OTHER)):
            for atime, a in (('explicit', (5, 6)), ('now', (0, NOW)), ('omit', (0, OMIT))):
                for mtime, m in (('explicit', (7, 8)), ('now', (0, NOW)), ('omit', (0, OMIT))):
                    with folder():
                        write('f', b'x', mode)
                        os.chown('f', USER, USER)
                        os.utime('f', ns=(OLD, OLD))
                        with user(uid):
                            see(f'{caller} of {mode:o}: atime {atime}, mtime {mtime}',
                                lambda: utimensat('f', a, m), seen)
                            if atime == mtime == 'now':
                                see(f'{caller} of {mode:o}: both', lambda: os.utime('f'), seen)


def granularity():
    with folder():
        write('f')
        for nanos in (0, 1, 99, 123_456_789, 999_999_999):
            os.utime('f', ns=(10**18 + nanos, 10**18 + 10**9 - 1 - nanos))
            say(f'{nanos} ns', seen())
        times = []
        for n in range(5):
            write(f'f{n}')
            times.append(os.stat(f'f{n}').st_mtime_ns)
            time.sleep(TICK_SECONDS)
        say('times of what is made later are later', times == sorted(set(times)))
        say('not in the future', times[-1] <= time.time_ns())


def births():
    with folder():
        write('f')
        mask, attributes, birth = statx('f')
        say('statx has what stat has', mask & 0x7ff == 0x7ff)
        say('and a time of birth', bool(mask & 0x800) and abs(birth - time.time_ns()) < 10**10)
        os.utime('f', ns=(5, 6))
        os.rename('f', 'g')
        os.chmod('g', 0o600)
        say('which stays', statx('g')[2] == birth)
        see('statx of a missing one', lambda: statx('none'))


def statx(name, flags=0):
    buffer = ctypes.create_string_buffer(256)
    checked(LIBC.statx(AT_FDCWD, name.encode(), flags, 0xfff, buffer))
    mask = int.from_bytes(buffer[0:4], 'little')
    birth = int.from_bytes(buffer[80:88], 'little') * 10**9 + int.from_bytes(buffer[88:92],
                                                                           'little')
    return mask, int.from_bytes(buffer[8:16], 'little'), birth
