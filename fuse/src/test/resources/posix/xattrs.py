"""Extended attributes: names, values, flags, kinds of files and users."""
import os

from observe import KINDS, OTHER, USER, closed, folder, make, say, see, user, write

CREATE, REPLACE = 1, 2


def listed(name='a'):
    return sorted(n for n in os.listxattr(name) if not n.startswith('security.selinux'))


def run():
    sizes()
    names()
    flags()
    by_kind()
    by_users()
    many()
    survive()


def sizes():
    for length in (0, 1, 100, 2047, 2048, 2049, 3000, 65537, 100000):
        with folder():
            write('a')
            value = bytes(n % 251 for n in range(length))
            see(f'a value of {length}', lambda: os.setxattr('a', 'user.v', value),
                lambda: (listed(), bool(listed()) and os.getxattr('a', 'user.v') == value))
    with folder():
        write('a')
        os.setxattr('a', 'user.v', b'first')
        see('replaced by a longer', lambda: os.setxattr('a', 'user.v', b'x' * 3000),
            lambda: len(os.getxattr('a', 'user.v')))
        see('replaced by a shorter', lambda: os.setxattr('a', 'user.v', b'y'),
            lambda: os.getxattr('a', 'user.v'))
        see('removed', lambda: os.removexattr('a', 'user.v'), listed)
        see('removed again', lambda: os.removexattr('a', 'user.v'))
        see('read when removed', lambda: os.getxattr('a', 'user.v'))


def names():
    for name in ('user.', 'user', 'user.a', '', 'nothing.a', 'system.a', 'trusted.a', 'trusted.',
                 'security.a', 'security.', 'a', '.a', 'user.ä', 'user.a b', 'User.a',
                 'user.' + 'n' * 250, 'user.' + 'n' * 251, 'system.posix_acl', 'user.a.b.c'):
        with folder():
            write('a')
            see(f'set {name[:20]} ({len(name)})', lambda: os.setxattr('a', name, b'v'), listed)
            see(f'get {name[:20]} ({len(name)})', lambda: os.getxattr('a', name))
            see(f'remove {name[:20]} ({len(name)})', lambda: os.removexattr('a', name), listed)


def flags():
    for there in (False, True):
        for flag in (0, CREATE, REPLACE, CREATE | REPLACE, 4):
            with folder():
                write('a')
                if there:
                    os.setxattr('a', 'user.a', b'old')
                see(f'flags {flag}, there {there}', lambda: os.setxattr('a', 'user.a', b'new', flag),
                    lambda: (listed(), [os.getxattr('a', n) for n in listed()]))


def by_kind():
    for kind in KINDS:
        for space in ('user', 'trusted', 'security'):
            with folder():
                make(kind, 'a')
                for follow in (True, False):
                    see(f'{space} on {kind}, {follow}', lambda: os.setxattr(
                        'a', space + '.a', b'v', follow_symlinks=follow))
                    see(f'{space} of {kind}, {follow}', lambda: os.getxattr(
                        'a', space + '.a', follow_symlinks=follow))
                    see(f'list of {kind}, {follow}', lambda: sorted(os.listxattr(
                        'a', follow_symlinks=follow)))
                    see(f'{space} from {kind}, {follow}', lambda: os.removexattr(
                        'a', space + '.a', follow_symlinks=follow))


def by_users():
    for mode in (0o644, 0o600, 0o666, 0o444, 0o200):
        for caller, uid in (('owner', USER), ('other', OTHER)):
            for space in ('user', 'trusted', 'security'):
                with folder():
                    write('a', b'x', mode)
                    os.chown('a', USER, USER)
                    os.setxattr('a', space + '.there', b'v')
                    with user(uid):
                        see(f'{caller} sets {space} on {mode:o}',
                            lambda: os.setxattr('a', space + '.a', b'v'))
                        see(f'{caller} gets {space} of {mode:o}',
                            lambda: os.getxattr('a', space + '.there'))
                        see(f'{caller} removes {space} from {mode:o}',
                            lambda: os.removexattr('a', space + '.there'))
                        see(f'{caller} lists {mode:o}', listed)
    for mode in (0o777, 0o1777):
        with folder():
            os.mkdir('d')
            os.chmod('d', mode)
            with user(USER):
                see(f'user attribute of a directory of {mode:o}',
                    lambda: os.setxattr('d', 'user.a', b'v'))


def many():
    with folder():
        write('a')
        for n in range(100):
            os.setxattr('a', f'user.{n}', b'%d' % n)
        say('a hundred', (len(listed()), os.getxattr('a', 'user.77')))
        for n in range(0, 100, 2):
            os.removexattr('a', f'user.{n}')
        say('fifty', (len(listed()), os.getxattr('a', 'user.77')))


def survive():
    with folder():
        write('a')
        os.setxattr('a', 'user.a', b'v' * 2500)
        os.link('a', 'b')
        os.rename('a', 'c')
        say('of the inode, not the name', (listed('b'), len(os.getxattr('c', 'user.a'))))
        fd = os.open('b', os.O_RDWR)
        os.unlink('b')
        os.unlink('c')
        say('of one unlinked', len(os.getxattr(fd, 'user.a')))
        see('set on one unlinked', lambda: os.setxattr(fd, 'user.b', b'w'), lambda: listed(fd))
        os.close(fd)
        see('of a reader', lambda: closed('c', os.O_CREAT, lambda f: os.setxattr(f, 'user.a', b'')))
