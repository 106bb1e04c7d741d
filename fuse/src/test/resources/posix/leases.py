"""Leases, notes on directories, and ranges of locks at their limits."""
import fcntl
import os
import signal
import struct

from observe import OTHER, USER, answer, closed, folder, opens, say, see, user, write


def run():
    leases()
    lock_ranges()


def leases():
    with folder():
        write('a')
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        for way, name in ((os.O_RDONLY, 'reader'), (os.O_RDWR, 'writer')):
            fd = os.open('a', way)
            for lease, what in (
                (fcntl.F_RDLCK, 'read'),
                (fcntl.F_WRLCK, 'write'),
                (fcntl.F_UNLCK, 'none'),
            ):
                see(
                    f'{name} takes a {what} lease',
                    lambda: fcntl.fcntl(fd, fcntl.F_SETLEASE, lease),
                    lambda: fcntl.fcntl(fd, fcntl.F_GETLEASE),
                )
            os.close(fd)
        fd = os.open('a', os.O_RDONLY)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        see('a writer beside a read lease', lambda: opens('a', os.O_WRONLY | os.O_NONBLOCK))
        see('a reader beside it', lambda: opens('a', os.O_RDONLY | os.O_NONBLOCK))
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        see('afterwards', lambda: opens('a', os.O_WRONLY | os.O_NONBLOCK))
        os.close(fd)
        other = os.open('a', os.O_RDONLY)
        fd = os.open('a', os.O_RDONLY)
        see(
            'a write lease where another has it open',
            lambda: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK),
        )
        os.close(other)
        os.close(fd)
        os.mkdir('d')
        see(
            'lease of a directory',
            lambda: closed('d', os.O_RDONLY, lambda f: fcntl.fcntl(f, fcntl.F_SETLEASE, 0)),
        )
        os.chown('a', OTHER, OTHER)
        os.chmod('a', 0o666)
        with user(USER):
            see(
                "lease of another's file",
                lambda: closed('a', os.O_RDONLY, lambda f: fcntl.fcntl(f, fcntl.F_SETLEASE, 0)),
            )
        see(
            'told of a directory',
            lambda: closed('d', os.O_RDONLY, lambda f: fcntl.fcntl(f, fcntl.F_NOTIFY, 0x1F)),
        )
        see(
            'told of a file',
            lambda: closed('a', os.O_RDONLY, lambda f: fcntl.fcntl(f, fcntl.F_NOTIFY, 0x1F)),
        )


def lock(fd, kind, whence, start, length, call=fcntl.F_SETLK):
    return struct.unpack(
        'hhqqi4x', fcntl.fcntl(fd, call, struct.pack('hhqqi4x', kind, whence, start, length, 0))
    )[:4]


def lock_ranges():
    with folder():
        write('a', b'x' * 1000)
        fd = os.open('a', os.O_RDWR)
        for whence, start, length in (
            (0, 0, 0),
            (2, -10, 5),
            (2, 0, 0),
            (1, -1, 1),
            (0, 100, -50),
            (0, 10, -11),
            (0, -1, 5),
            (0, 2**63 - 1, 1),
            (0, 2**63 - 1, 2),
            (0, 2**63 - 1, 0),
            (9, 0, 1),
            (2, 2**63 - 500, 5),
        ):
            see(
                f'lock of {length} at {start} from {whence}',
                lambda: lock(fd, fcntl.F_WRLCK, whence, start, length),
            )
            see('unlocked', lambda: lock(fd, fcntl.F_UNLCK, 0, 0, 0))
        see('no such kind', lambda: lock(fd, 7, 0, 0, 1))
        for n in range(0, 1000, 2):
            lock(fd, fcntl.F_WRLCK, 0, n, 1)
        ino = os.fstat(fd).st_ino
        pid = os.getpid()
        say(
            '500 locks',
            sum(1 for line in open('/proc/locks') if f' {pid} ' in line and f':{ino} ' in line),
        )
        for n in range(1, 1000, 2):
            lock(fd, fcntl.F_WRLCK, 0, n, 1)
        say(
            'joined',
            sum(1 for line in open('/proc/locks') if f' {pid} ' in line and f':{ino} ' in line),
        )
        lock(fd, fcntl.F_RDLCK, 0, 500, 1)
        say(
            'split in three',
            sum(1 for line in open('/proc/locks') if f' {pid} ' in line and f':{ino} ' in line),
        )
        os.close(fd)
        fd = os.open('a', os.O_RDWR)
        fcntl.flock(fd, fcntl.LOCK_SH)
        child = os.fork()
        if child == 0:
            os._exit(
                0 if answer(lambda: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)) is None else 1
            )
        say('flock is shared with a child', os.waitpid(child, 0)[1])
        other = os.open('a', os.O_RDWR)
        see('raised by the child', lambda: fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB))
        os.close(fd)
        see('gone', lambda: fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB))
        os.close(other)
        os.mkdir('d')
        see(
            'flock of a directory',
            lambda: closed(
                'd', os.O_RDONLY, lambda f: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ),
        )
        see(
            'lockf of a directory',
            lambda: closed('d', os.O_RDONLY, lambda f: lock(f, fcntl.F_RDLCK, 0, 0, 0)),
        )
        see(
            'flock of a path',
            lambda: closed('a', os.O_PATH, lambda f: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)),
        )
        see('flock of what', lambda: closed('a', os.O_RDONLY, lambda f: fcntl.flock(f, 0)))
