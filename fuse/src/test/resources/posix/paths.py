"""Every call that takes a path, beside every way in which a path can be wrong or odd."""
import os

from observe import (KINDS, USER, about, answer, folder, make, opens, renameat2, say, see, tree,
                     user, write)

CALLS = {
    'open': lambda p: opens(p, os.O_RDONLY | os.O_NONBLOCK),
    'open to write': lambda p: opens(p, os.O_WRONLY | os.O_NONBLOCK),
    'open a directory': lambda p: opens(p, os.O_RDONLY | os.O_DIRECTORY | os.O_NONBLOCK),
    'open without following': lambda p: opens(p, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK),
    'open or create': lambda p: opens(p, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK),
    'open exclusively': lambda p: opens(p, os.O_WRONLY | os.O_CREAT | os.O_EXCL),
    'open to truncate': lambda p: opens(p, os.O_WRONLY | os.O_TRUNC | os.O_NONBLOCK),
    'open without a name': lambda p: opens(p, os.O_WRONLY | os.O_TMPFILE),
    'mkdir': os.mkdir,
    'mkfifo': os.mkfifo,
    'mknod': os.mknod,
    'symlink': lambda p: os.symlink('target', p),
    'link to': lambda p: os.link('f', p),
    'link from': lambda p: os.link(p, 'linked', follow_symlinks=False),
    'link followed': lambda p: os.link(p, 'linked', follow_symlinks=True),
    'rename to': lambda p: os.rename('f', p),
    'rename directory to': lambda p: os.rename('d', p),
    'rename from': lambda p: os.rename(p, 'renamed'),
    'exchange': lambda p: renameat2('f', p, 2),
    'unlink': os.unlink,
    'rmdir': os.rmdir,
    'stat': lambda p: (os.stat(p), 'ok')[1],
    'lstat': lambda p: (os.lstat(p), 'ok')[1],
    'chmod': lambda p: os.chmod(p, 0o750),
    'chown': lambda p: os.chown(p, 12, 34),
    'lchown': lambda p: os.lchown(p, 12, 34),
    'truncate': lambda p: os.truncate(p, 3),
    'utime': lambda p: os.utime(p, ns=(5, 6)),
    'access': lambda p: os.access(p, os.R_OK),
    'readlink': os.readlink,
    'statvfs': lambda p: os.statvfs(p).f_namemax,
    'chdir': lambda p: (os.chdir(p), 'ok')[1],
    'list': lambda p: len(os.listdir(p)),
    'setxattr': lambda p: os.setxattr(p, 'trusted.a', b'v'),
    'lsetxattr': lambda p: os.setxattr(p, 'trusted.a', b'v', follow_symlinks=False),
    'getxattr': lambda p: os.getxattr(p, 'trusted.none'),
    'removexattr': lambda p: os.removexattr(p, 'trusted.none'),
}

PATHS = {
    'empty': '',
    'not UTF-8': os.fsdecode(b'a\xff\xfe'),
    'missing in what is not UTF-8': os.fsdecode(b'\xc3/\xe2\x82'),
    'dot': '.',
    'dot dot': '..',
    'directory and dot': 'd/.',
    'directory and dot dot': 'd/..',
    'directory and slash': 'd/',
    'full directory': 'full',
    'missing': 'missing',
    'missing and slash': 'missing/',
    'missing component': 'missing/x',
    'file': 'f',
    'file and slash': 'f/',
    'file as component': 'f/x',
    'file and dot': 'f/.',
    'fifo as component': 'p/x',
    'symbolic link': 's',
    'symbolic link and slash': 's/',
    'link to a directory': 'sd',
    'link to a directory and slash': 'sd/',
    'link to a directory as component': 'sd/inside',
    'dangling link': 'dangling',
    'dangling link and slash': 'dangling/',
    'loop': 'loop',
    'loop as component': 'loop/x',
    'fifo': 'p',
    'socket': 'k',
    'device': 'c',
    'name of 255': 'n' * 255,
    'name of 256': 'n' * 256,
    'component of 255': 'n' * 255 + '/x',
    'component of 256': 'n' * 256 + '/x',
    'path of 4095': './' * 2047 + 'n',
    'path of 4096': './' * 2048 + 'n',
    'doubled slashes': './/f',
    'umlauts': 'ä' * 127,
    'too many umlauts': 'ä' * 128,
}


def fixture():
    write('f', b'content')
    for kind, name in (('dir', 'd'), ('full', 'full'), ('symlink', 's'), ('dangling', 'dangling'),
                       ('loop', 'loop'), ('fifo', 'p'), ('sock', 'k'), ('chr', 'c')):
        make(kind, name)
    os.symlink('full', 'sd')


def run():
    for call, act in CALLS.items():
        waiting = list(PATHS.items())
        while waiting:
            with folder():
                waiting = until_something_changes(call, act, waiting)
    unsearchable()
    chains()
    symlink_limits()
    absent_names()


def until_something_changes(call, act, paths):
    """Makes a call with paths up to the first that leaves a change; returns the paths after that."""
    fixture()
    here = os.getcwd()
    before = set(tree())
    for at, (path, text) in enumerate(paths):
        result = answer(lambda: act(text))
        os.chdir(here)
        after = set(tree())
        say(f'{call}: {path}', (result, sorted(before - after), sorted(after - before)))
        if after != before:
            return paths[at + 1:]
    return []


def unsearchable():
    """A component that may not be searched hides everything below it."""
    for call, act in CALLS.items():
        with folder():
            fixture()
            os.chmod('full', 0o600)
            os.chmod('f', 0o666)
            with user(USER):
                see(f'{call}: unsearchable', lambda: act('full/inside'))


def chains():
    """Forty links are followed, one more is not."""
    with folder():
        write('l0')
        for n in range(1, 43):
            os.symlink(f'l{n - 1}', f'l{n}')
        for n in (1, 39, 40, 41, 42):
            see(f'chain of {n}', lambda: os.stat(f'l{n}').st_size)


def symlink_limits():
    for length in (1, 2048, 2049, 4094, 4095, 4096):
        with folder():
            see(f'link target of {length}', lambda: os.symlink('t' * length, 's'),
                lambda: (len(os.readlink('s')), os.lstat('s').st_size) if length < 4096 else None)
    with folder():
        see('empty link target', lambda: os.symlink('', 's'))


def absent_names():
    """A name is gone at once, and there at once, whatever the kernel had cached."""
    for kind in KINDS[1:]:
        with folder():
            see(f'{kind} before', lambda: about('n'))
            make(kind, 'n')
            see(f'{kind} made', lambda: about('n'))
            os.rename('n', 'm')
            see(f'{kind} moved', lambda: (about('n'), about('m')))
            (os.rmdir if kind == 'dir' else lambda p: None)('m')
            see(f'{kind} removed', lambda: about('m'))
