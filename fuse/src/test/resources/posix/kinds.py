"""Things that have names: how they are made, linked, removed, and what becomes of those in use."""
import os
import socket
import stat
import subprocess

from observe import (AT_EMPTY_PATH, AT_SYMLINK_FOLLOW, KINDS, USER, about, answer, closed, folder,
                     linkat, make, opens, read, say, see, tree, user, write)


def run():
    modes()
    devices()
    links()
    link_counts()
    unlinked()
    removed_directories()
    nameless()
    listing()
    sockets_and_fifos()
    names()


def modes():
    for umask in (0, 0o022, 0o077, 0o777):
        for mode in (0, 0o644, 0o777, 0o1777, 0o2755, 0o4711, 0o7777):
            with folder():
                for uid in (0, USER):
                    os.umask(umask)
                    with user(uid):
                        os.mkdir(f'd{uid}', mode)
                        os.mkfifo(f'p{uid}', mode)
                        os.mknod(f'n{uid}', mode | stat.S_IFREG)
                        opens(f'f{uid}', os.O_CREAT | os.O_WRONLY, mode)
                    os.umask(0o022)
                say(f'made with {mode:o} under {umask:o}', tree())


def devices():
    for major, minor in ((0, 0), (1, 3), (7, 255), (8, 256), (4095, 1048575), (300, 70000)):
        for kind in (stat.S_IFCHR, stat.S_IFBLK):
            with folder():
                os.mknod('c', kind | 0o600, os.makedev(major, minor))
                s = os.stat('c')
                say(f'device {major}:{minor}', (oct(s.st_mode), os.major(s.st_rdev),
                                                os.minor(s.st_rdev)))
    with folder(), user(USER):
        see('device by a user', lambda: os.mknod('c', stat.S_IFCHR | 0o600, os.makedev(1, 3)))
        see('fifo by a user', lambda: os.mknod('p', stat.S_IFIFO | 0o600))
        see('socket by a user', lambda: os.mknod('s', stat.S_IFSOCK | 0o600))
    with folder():
        see('mknod of a directory', lambda: os.mknod('d', stat.S_IFDIR | 0o755))
        see('mknod of a link', lambda: os.mknod('l', stat.S_IFLNK | 0o755))
        os.mknod('null', stat.S_IFCHR | 0o666, os.makedev(1, 3))
        see('write to a device', lambda: closed('null', os.O_WRONLY, lambda f: os.write(f, b'abc')))
        see('read of a device', lambda: closed('null', os.O_RDONLY, lambda f: os.read(f, 5)))
        see('a device keeps no size', lambda: os.stat('null').st_size)


def links():
    for kind in KINDS:
        with folder():
            make(kind, 'a')
            see(f'link of {kind}', lambda: os.link('a', 'b', follow_symlinks=False), tree)
        with folder():
            make(kind, 'a')
            write('b')
            see(f'link of {kind} over a file', lambda: os.link('a', 'b', follow_symlinks=False))
    with folder():
        write('a')
        for n in range(300):
            os.link('a', f'b{n}')
        say('300 links', os.stat('a').st_nlink)
        for n in range(299):
            os.unlink(f'b{n}')
        say('298 gone', (os.stat('a').st_nlink, os.stat('b299').st_nlink))


def link_counts():
    with folder():
        say('empty', os.stat('.').st_nlink)
        for n in range(20):
            os.mkdir(f'd{n}')
        write('file')
        say('20 directories and a file', os.stat('.').st_nlink)
        os.rename('d3', 'd4/d3')
        say('one moved', (os.stat('.').st_nlink, os.stat('d4').st_nlink))
        os.rename('d5', 'd6')
        say('one replaced', os.stat('.').st_nlink)
        os.rmdir('d7')
        say('one removed', os.stat('.').st_nlink)


def unlinked():
    for kind in ('file', 'fifo'):
        with folder():
            make(kind, 'a')
            fd = os.open('a', os.O_RDWR | os.O_NONBLOCK)
            os.unlink('a')
            say(f'unlinked {kind}', os.fstat(fd).st_nlink)
            see(f'chmod of an unlinked {kind}', lambda: os.fchmod(fd, 0o600),
                lambda: oct(os.fstat(fd).st_mode))
            see(f'chown of an unlinked {kind}', lambda: os.fchown(fd, 5, 6),
                lambda: os.fstat(fd).st_uid)
            see(f'utime of an unlinked {kind}', lambda: os.utime(fd, ns=(1, 2)),
                lambda: os.fstat(fd).st_mtime_ns)
            see(f'link of an unlinked {kind}', lambda: linkat(f'/proc/self/fd/{fd}', 'b',
                                                             AT_SYMLINK_FOLLOW))
            os.close(fd)
    with folder():
        write('a', b'abc' * 1000)
        fd = os.open('a', os.O_RDWR)
        os.unlink('a')
        write('a', b'new')
        see('read of an unlinked file', lambda: len(os.pread(fd, 5000, 0)))
        see('write to it', lambda: os.pwrite(fd, b'z' * 5000, 100), lambda: os.fstat(fd).st_size)
        see('truncate it', lambda: os.ftruncate(fd, 7), lambda: os.fstat(fd).st_size)
        see('sync it', lambda: os.fsync(fd))
        see('attribute of it', lambda: os.setxattr(fd, 'trusted.a', b'1'),
            lambda: os.getxattr(fd, 'trusted.a'))
        see('open it again', lambda: opens(f'/proc/self/fd/{fd}', os.O_RDWR))
        os.close(fd)
        say('the new one', read('a'))


def removed_directories():
    for call, act in {
            'create': lambda: opens('x', os.O_CREAT | os.O_WRONLY), 'mkdir': lambda: os.mkdir('x'),
            'symlink': lambda: os.symlink('t', 'x'), 'mkfifo': lambda: os.mkfifo('x'),
            'list': lambda: os.listdir('.'), 'stat': lambda: os.stat('.').st_nlink,
            'dot dot': lambda: os.path.isdir('..'), 'link': lambda: os.link('/proc/self/exe', 'x'),
            'chmod': lambda: os.chmod('.', 0o700), 'nameless': lambda: opens('.', os.O_TMPFILE | 1),
            'rename': lambda: os.rename('../f', 'x')}.items():
        with folder():
            os.mkdir('gone')
            write('f')
            here = os.getcwd()
            os.chdir('gone')
            os.rmdir('../gone')
            see(f'{call} in a removed directory', act)
            os.chdir(here)


def nameless():
    with folder():
        fd = os.open('.', os.O_TMPFILE | os.O_RDWR, 0o640)
        os.write(fd, b'tmp')
        say('nameless', (os.fstat(fd).st_nlink, oct(os.fstat(fd).st_mode), os.listdir('.')))
        see('named', lambda: linkat(f'/proc/self/fd/{fd}', 'a', AT_SYMLINK_FOLLOW), tree)
        see('named twice', lambda: linkat(f'/proc/self/fd/{fd}', 'b', AT_SYMLINK_FOLLOW), tree)
        os.close(fd)
    with folder():
        fd = os.open('.', os.O_TMPFILE | os.O_RDWR | os.O_EXCL, 0o640)
        see('named, exclusive', lambda: linkat(f'/proc/self/fd/{fd}', 'a', AT_SYMLINK_FOLLOW))
        os.close(fd)
        fd = os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o640)
        see('named by descriptor', lambda: LIBC_link(fd, 'c'), tree)
        os.close(fd)
        see('nameless for reading', lambda: opens('.', os.O_TMPFILE | os.O_RDONLY))


def LIBC_link(fd, name):
    from observe import AT_FDCWD, LIBC, checked
    checked(LIBC.linkat(fd, b'', AT_FDCWD, name.encode(), AT_EMPTY_PATH))


def listing():
    with folder():
        for kind in KINDS[1:]:
            make(kind, kind)
        with os.scandir('.') as entries:
            say('types in a listing', sorted(
                (e.name, e.is_dir(follow_symlinks=False), e.is_file(follow_symlinks=False),
                 e.is_symlink(), e.inode() == os.lstat(e.name).st_ino) for e in entries))
        for n in range(2000):
            write(f'f{n}', b'')
        found = []
        with os.scandir('.') as entries:
            for n, entry in enumerate(entries):
                found.append(entry.name)
                if n % 10 == 0 and entry.name.startswith('f') and entry.name != 'fifo':
                    if entry.is_file(follow_symlinks=False):
                        os.unlink(entry.name)
                if n % 7 == 0:
                    write(f'new{n}', b'')
        say('nothing twice', len(found) == len(set(found)))
        say('nothing missed', {f'f{n}' for n in range(2000)} <= set(found))
        subprocess.run('rm -rf -- *', shell=True, check=True)
        say('all removed', os.listdir('.'))
        fd = os.open('.', os.O_RDONLY)
        see('read of a directory', lambda: os.read(fd, 10))
        see('seek in a directory', lambda: os.lseek(fd, 0, os.SEEK_SET))
        os.close(fd)


def sockets_and_fifos():
    with folder():
        server = socket.socket(socket.AF_UNIX)
        server.bind('s')
        server.listen(1)
        client = socket.socket(socket.AF_UNIX)
        see('connect', lambda: client.connect('s'))
        see('bind where something is', lambda: socket.socket(socket.AF_UNIX).bind('s'))
        os.rename('s', 't')
        see('connect after a move', lambda: socket.socket(socket.AF_UNIX).connect('t'))
        client.close()
        server.close()
        see('connect to nobody', lambda: socket.socket(socket.AF_UNIX).connect('t'))
        os.mkfifo('p')
        see('fifo without a reader', lambda: opens('p', os.O_WRONLY | os.O_NONBLOCK))
        reader = os.open('p', os.O_RDONLY | os.O_NONBLOCK)
        writer = os.open('p', os.O_WRONLY)
        see('through a fifo', lambda: (os.write(writer, b'hello'), os.read(reader, 10)))
        os.unlink('p')
        see('through an unlinked fifo', lambda: (os.write(writer, b'again'), os.read(reader, 10)))
        os.close(reader)
        os.close(writer)


def names():
    for name in ('a b', '\t', '\n', '-', '...', '.hidden', '~', '*', '\\', '"', "'", '\x01', '\x7f',
                 'ä', '日本語', '😀', 'A', 'a', 'e\u0301', '\u00e9', ' ', '.. ', 'x' * 255):
        with folder():
            see(f'the name {name[:10]!a}', lambda: write(name),
                lambda: (os.listdir('.') == [name], about(name)))
    with folder():
        see('names differ by case and by composition', lambda: [write(n) for n in (
            'a', 'A', 'e\u0301', '\u00e9')], lambda: len(os.listdir('.')))
        see('many at once', lambda: [os.mkdir(f'd{n}') for n in range(50)] and len(
            os.listdir('.')))
        see('answer of a missing one', lambda: answer(lambda: os.rmdir('d50')))
