"""What open answers, for flags, kinds of things, and users."""
import fcntl
import os

from observe import KINDS, USER, folder, make, opens, read, say, see, tree, user, write

ACCESS = {'r': os.O_RDONLY, 'w': os.O_WRONLY, 'rw': os.O_RDWR}
FLAGS = {'': 0, 'creat': os.O_CREAT, 'creat excl': os.O_CREAT | os.O_EXCL, 'excl': os.O_EXCL,
         'trunc': os.O_TRUNC, 'nofollow': os.O_NOFOLLOW, 'directory': os.O_DIRECTORY,
         'creat nofollow': os.O_CREAT | os.O_NOFOLLOW,
         'creat directory': os.O_CREAT | os.O_DIRECTORY,
         'creat trunc': os.O_CREAT | os.O_TRUNC, 'append': os.O_APPEND,
         'append trunc': os.O_APPEND | os.O_TRUNC, 'noatime': os.O_NOATIME, 'path': os.O_PATH,
         'path nofollow': os.O_PATH | os.O_NOFOLLOW, 'direct': os.O_DIRECT, 'sync': os.O_SYNC}


def run():
    for kind in KINDS:
        with folder():
            make(kind, 'a')
            for flag, bits in FLAGS.items():
                for access, way in ACCESS.items():
                    if kind == 'missing' and os.path.lexists('a'):
                        os.unlink('a')
                    see(f'{kind}: {access} {flag}',
                        lambda: opens('a', way | bits | os.O_NONBLOCK), tree)
    by_users()
    created_read_only()
    truncating()
    appending()
    descriptors()
    texts_busy()


def by_users():
    for mode in (0o000, 0o400, 0o200, 0o600, 0o040, 0o004, 0o066):
        for access, way in ACCESS.items():
            for bits in (0, os.O_TRUNC, os.O_NOATIME, os.O_CREAT):
                with folder():
                    write('a', b'content', mode)
                    with user(USER):
                        see(f'mode {mode:o} by another, {access} {bits}',
                            lambda: opens('a', way | bits), tree)
                    os.chown('a', USER, USER)
                    with user(USER):
                        see(f'mode {mode:o} by its owner, {access} {bits}',
                            lambda: opens('a', way | bits), tree)


def created_read_only():
    """Who creates a file may write to it, whatever its mode says."""
    for mode in (0, 0o400, 0o444):
        with folder(), user(USER):
            fd = os.open('a', os.O_CREAT | os.O_EXCL | os.O_RDWR, mode)
            see(f'written to, created with {mode:o}', lambda: os.write(fd, b'abc'), tree)
            see(f'truncated, created with {mode:o}', lambda: os.ftruncate(fd, 1), tree)
            os.close(fd)
            see(f'opened again, {mode:o}', lambda: opens('a', os.O_WRONLY))


def truncating():
    with folder():
        write('a', b'x' * 10000)
        held = os.open('a', os.O_RDWR)
        opens('a', os.O_WRONLY | os.O_TRUNC)
        see('seen by who holds it', lambda: (os.fstat(held).st_size, os.pread(held, 10, 0)))
        os.pwrite(held, b'tail', 9996)
        say('zeroes where it was', read('a') == b'\0' * 9996 + b'tail')
        os.close(held)


def appending():
    with folder():
        write('a', b'12345')
        fd = os.open('a', os.O_RDWR | os.O_APPEND)
        os.lseek(fd, 0, os.SEEK_SET)
        see('append ignores the position', lambda: os.write(fd, b'6'), lambda: read('a'))
        see('and moves it', lambda: os.lseek(fd, 0, os.SEEK_CUR))
        see('even where told', lambda: os.pwrite(fd, b'7', 0), lambda: read('a'))
        os.ftruncate(fd, 2)
        see('after a truncate', lambda: os.write(fd, b'8'), lambda: read('a'))
        fcntl.fcntl(fd, fcntl.F_SETFL, 0)
        os.lseek(fd, 0, os.SEEK_SET)
        see('switched off', lambda: os.write(fd, b'9'), lambda: read('a'))
        os.close(fd)
        write('b', b'')
        children = []
        for child in range(4):
            pid = os.fork()
            if pid == 0:
                fd = os.open('b', os.O_WRONLY | os.O_APPEND)
                for n in range(200):
                    os.write(fd, b'%d%07d\n' % (child, n))
                os._exit(0)
            children.append(pid)
        for pid in children:
            os.waitpid(pid, 0)
        lines = read('b').split(b'\n')[:-1]
        say('four append at once', (len(lines), len(set(lines)), {len(n) for n in lines}))


def descriptors():
    with folder():
        write('a', b'content')
        os.mkdir('d')
        read_only = os.open('a', os.O_RDONLY)
        write_only = os.open('a', os.O_WRONLY)
        path = os.open('a', os.O_PATH)
        folder_fd = os.open('d', os.O_RDONLY)
        for name, fd in (('reader', read_only), ('writer', write_only), ('path', path),
                         ('directory', folder_fd), ('closed', 999)):
            see(f'{name} reads', lambda: os.pread(fd, 3, 0))
            see(f'{name} writes', lambda: os.pwrite(fd, b'x', 0))
            see(f'{name} truncates', lambda: os.ftruncate(fd, 1))
            see(f'{name} chmods', lambda: os.fchmod(fd, 0o700))
            see(f'{name} chowns', lambda: os.fchown(fd, 1, 1))
            see(f'{name} syncs', lambda: os.fsync(fd))
            see(f'{name} data syncs', lambda: os.fdatasync(fd))
            see(f'{name} seeks', lambda: os.lseek(fd, 1, os.SEEK_SET))
            see(f'{name} seeks before the start', lambda: os.lseek(fd, -1, os.SEEK_SET))
            see(f'{name} allocates', lambda: os.posix_fallocate(fd, 0, 10))
            see(f'{name} sets an attribute', lambda: os.setxattr(fd, 'trusted.a', b'1'))
            see(f'{name} lists', lambda: os.listdir(fd))
            see(f'{name} as a directory', lambda: opens('x', os.O_RDONLY, dir_fd=fd))
            see(f'{name} in statvfs', lambda: os.fstatvfs(fd).f_bsize)
        for fd in (read_only, write_only, path, folder_fd):
            os.close(fd)


def texts_busy():
    """A program that runs is not written to; one that is written to does not run."""
    with folder():
        write('p', read('/bin/true'), 0o755)
        writer = os.open('p', os.O_WRONLY)
        see('run while written to', lambda: os.spawnv(os.P_WAIT, './p', ['p']))
        os.close(writer)
        see('run', lambda: os.spawnv(os.P_WAIT, './p', ['p']))
        write('s', read('/bin/sleep'), 0o755)
        pid = os.spawnv(os.P_NOWAIT, './s', ['s', '60'])
        while os.readlink(f'/proc/{pid}/exe') != os.path.abspath('s'):
            pass
        see('write to one that runs', lambda: opens('s', os.O_WRONLY))
        see('truncate one that runs', lambda: os.truncate('s', 0))
        see('unlink one that runs', lambda: os.unlink('s'))
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        with user(USER):
            write_protected = answer_of_exec()
        say('run without the right to', write_protected)


def answer_of_exec():
    pid = os.fork()
    if pid == 0:
        try:
            os.chmod('p', 0o644)
        except OSError:
            pass
        try:
            os.execv('./missing', ['missing'])
        except OSError as e:
            os._exit(e.errno)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
