"""What the parts share: cases, whose answers are printed a line each, users, and things to act on.

An answer is what a call returned, or the name of its errno, and where it matters what is left behind.
Nothing in it depends on the file system: so two of them can be compared line by line."""
import contextlib
import ctypes
import errno
import os
import shutil
import socket
import stat

LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
AT_SYMLINK_NOFOLLOW = 0x100
AT_SYMLINK_FOLLOW = 0x400
AT_EMPTY_PATH = 0x1000

USER, OTHER, GROUP = 1000, 1001, 2000
KINDS = ('missing', 'file', 'dir', 'full', 'symlink', 'symdir', 'dangling', 'loop', 'fifo', 'sock',
         'chr', 'blk')

_part = ''


def part(name):
    global _part
    _part = name


def say(case, answer):
    print(_part, case, answer, sep=' | ')


def answer(call):
    """What a call answers."""
    try:
        return call()
    except OSError as e:
        return errno.errorcode.get(e.errno, e.errno)


def see(case, call, after=None):
    """Observes a call, and what is there after it."""
    result = answer(call)
    say(case, f'{result!r}' if after is None else f'{result!r} then {after()!r}')


def checked(result):
    """The result of a call of the C library."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def opens(path, flags, mode=0o666, dir_fd=None):
    """Opens and closes; says whether that went well."""
    fd = os.open(path, flags, mode, dir_fd=dir_fd)
    os.close(fd)
    return 'opened'


def closed(path, flags, use, mode=0o666):
    """Opens, uses and closes."""
    fd = os.open(path, flags, mode)
    try:
        return use(fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def user(uid, gid=None, groups=()):
    """Makes calls as somebody else: root does as it is."""
    if uid == 0:
        yield
        return
    os.setgroups(list(groups))
    os.setegid(uid if gid is None else gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups([])


_folders = 0


@contextlib.contextmanager
def folder(mode=0o777):
    """A fresh directory, two deep, to work in."""
    global _folders
    home = os.getcwd()
    top = f'w{_folders}'
    _folders += 1
    os.mkdir(top)
    os.chmod(top, 0o777)
    os.mkdir(top + '/here')
    os.chmod(top + '/here', mode)
    os.chdir(top + '/here')
    try:
        yield
    finally:
        os.chdir(home)
        shutil.rmtree(top)


def write(name, content=b'x', mode=0o644):
    with open(name, 'wb') as f:
        f.write(content)
    os.chmod(name, mode)


def read(name):
    with open(name, 'rb') as f:
        return f.read()


def make(kind, name):
    """Makes a thing of a kind."""
    if kind == 'file':
        write(name, b'content')
    elif kind in ('dir', 'full'):
        os.mkdir(name)
        if kind == 'full':
            write(name + '/inside')
    elif kind == 'symlink':
        write(name + '.to', b'target')
        os.symlink(name + '.to', name)
    elif kind == 'symdir':
        os.mkdir(name + '.to')
        os.symlink(name + '.to', name)
    elif kind == 'dangling':
        os.symlink('nowhere', name)
    elif kind == 'loop':
        os.symlink(name, name)
    elif kind == 'fifo':
        os.mkfifo(name)
    elif kind == 'sock':
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(name)
    elif kind == 'chr':
        os.mknod(name, 0o644 | stat.S_IFCHR, os.makedev(1, 3))
    elif kind == 'blk':
        os.mknod(name, 0o644 | stat.S_IFBLK, os.makedev(7, 4000))
    else:
        assert kind == 'missing', kind


def about(name):
    """Kind, mode, owner, links and size of a thing; a directory's size says nothing."""
    def look():
        s = os.lstat(name)
        size = '-' if stat.S_ISDIR(s.st_mode) else s.st_size
        return f'{stat.filemode(s.st_mode)} {s.st_nlink} {s.st_uid}:{s.st_gid} {size}'
    return answer(look)


def tree(top='.'):
    """Every name below a directory, with what it is."""
    found = []
    for base, dirs, files in os.walk(top):
        for name in dirs + files:
            path = os.path.join(base, name)
            short = os.path.relpath(path, top)
            if len(short) > 40:
                short = f'{short[:8]}..{len(short)}'
            found.append(f'{short} {about(path)}')
    return sorted(found)


def renameat2(old, new, flags):
    checked(LIBC.renameat2(AT_FDCWD, os.fsencode(old), AT_FDCWD, os.fsencode(new), flags))


def linkat(old, new, flags):
    checked(LIBC.linkat(AT_FDCWD, os.fsencode(old), AT_FDCWD, os.fsencode(new), flags))


LIBC.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long]


def fallocate(fd, mode, offset, length):
    checked(LIBC.fallocate(fd, mode, offset, length))
