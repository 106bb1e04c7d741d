"""flock, POSIX locks and those of open file descriptions, among processes."""
import fcntl
import os
import signal
import struct

from observe import answer, folder, say, see, write

OFD_GETLK, OFD_SETLK = 36, 37


def flock_bytes(kind, start=0, length=0):
    return struct.pack('hhqqi4x', kind, os.SEEK_SET, start, length, 0)


def elsewhere(call):
    """What a call answers in another process."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(w, repr(answer(call)).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    said = os.read(r, 1000).decode()
    os.close(r)
    os.close(w)
    return said


def opened():
    return os.open('a', os.O_RDWR)


def tried(kind):
    """What another open of the file answers to a try of flock."""
    fd = opened()
    try:
        return answer(lambda: fcntl.flock(fd, kind | fcntl.LOCK_NB))
    finally:
        os.close(fd)


def run():
    with folder():
        write('a', b'0' * 1000)
        for held, kind in (('shared', fcntl.LOCK_SH), ('exclusive', fcntl.LOCK_EX)):
            fd = opened()
            fcntl.flock(fd, kind)
            for name, wanted in (('shared', fcntl.LOCK_SH), ('exclusive', fcntl.LOCK_EX)):
                say(f'flock: {name} where {held}', elsewhere(lambda: tried(wanted)))
                say(f'flock in the same process: {name} where {held}', tried(wanted))
            os.close(fd)
            say('flock: gone with its descriptor', tried(fcntl.LOCK_EX))
        ranges()
        descriptions()
        waiting()
        dead_lock()


def ranges():
    fd = opened()
    fcntl.lockf(fd, fcntl.LOCK_EX, 10, 100)
    for start, length in ((0, 100), (0, 101), (109, 1), (110, 5), (0, 0)):
        say(f'lockf of {length} at {start}', elsewhere(
            lambda: fcntl.lockf(opened(), fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)))
    fcntl.lockf(fd, fcntl.LOCK_UN, 5, 102)
    say('a piece taken out', [elsewhere(lambda: fcntl.lockf(
        opened(), fcntl.LOCK_SH | fcntl.LOCK_NB, 1, at)) for at in (100, 103, 108)])
    say('who holds it', struct.unpack('hhqqi4x', fcntl.fcntl(
        fd, fcntl.F_GETLK, flock_bytes(fcntl.F_WRLCK)))[:4])
    other = opened()
    os.close(other)
    say('all gone with any descriptor', elsewhere(
        lambda: fcntl.lockf(opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)))
    see('a shared one needs a reader', lambda: fcntl.lockf(
        os.open('a', os.O_WRONLY), fcntl.LOCK_SH | fcntl.LOCK_NB))
    see('an exclusive one needs a writer', lambda: fcntl.lockf(
        os.open('a', os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB))
    os.close(fd)


def descriptions():
    one, two = opened(), opened()
    see('description takes', lambda: fcntl.fcntl(one, OFD_SETLK, flock_bytes(fcntl.F_WRLCK)) and 1)
    see('another description', lambda: fcntl.fcntl(two, OFD_SETLK, flock_bytes(fcntl.F_WRLCK)))
    see('process lock beside it', lambda: fcntl.lockf(two, fcntl.LOCK_EX | fcntl.LOCK_NB))
    os.close(two)
    two = opened()
    see('kept when another closes', lambda: fcntl.fcntl(two, OFD_SETLK,
                                                        flock_bytes(fcntl.F_WRLCK)))
    os.close(one)
    see('gone with its own', lambda: fcntl.fcntl(two, OFD_SETLK, flock_bytes(fcntl.F_WRLCK)) and 1)
    os.close(two)


class Alarm(Exception):
    pass


def waiting():
    """Who waits for a lock is woken by its release, and by a signal."""
    def alarmed(*_):
        raise Alarm()
    for name, take in (('lockf', fcntl.lockf), ('flock', fcntl.flock)):
        fd = opened()
        take(fd, fcntl.LOCK_EX)
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGALRM, alarmed)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            try:
                take(opened(), fcntl.LOCK_EX)
                os.write(w, b'got it')
            except Alarm:
                os.write(w, b'signal')
            os._exit(0)
        say(f'{name}: a signal to who waits', os.read(r, 10))
        os.waitpid(pid, 0)
        pid = os.fork()
        if pid == 0:
            os.write(w, b'wait')
            take(opened(), fcntl.LOCK_EX)
            os.write(w, b'got it')
            os._exit(0)
        os.read(r, 4)
        # By name, for the child has the descriptor too.
        take(fd, fcntl.LOCK_UN)
        os.close(fd)
        say(f'{name}: release wakes who waits', os.read(r, 10))
        os.waitpid(pid, 0)
        os.close(r)
        os.close(w)


def dead_lock():
    fd = opened()
    fcntl.lockf(fd, fcntl.LOCK_EX, 1, 0)
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        mine = opened()
        fcntl.lockf(mine, fcntl.LOCK_EX, 1, 1)
        os.write(w, b'x')
        os._exit(answer(lambda: fcntl.lockf(mine, fcntl.LOCK_EX, 1, 0)) == 'EDEADLK')
    os.read(r, 1)
    mine = answer(lambda: fcntl.lockf(fd, fcntl.LOCK_EX, 1, 1)) == 'EDEADLK'
    os.close(fd)
    others = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    say('one of two that wait for each other is told', mine + others)
    os.close(r)
    os.close(w)
