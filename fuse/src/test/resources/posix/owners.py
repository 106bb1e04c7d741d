"""Changes of mode and owner, who may make them, and which bits they take away."""
import mmap
import os

from observe import GROUP, KINDS, OTHER, USER, about, closed, fallocate, folder, make, see, user, write

WHO = {'root': (0, 0, ()), 'owner': (USER, USER, (GROUP,)), 'outsider': (USER, USER, ()),
       'other': (OTHER, OTHER, (GROUP,))}


def run():
    modes()
    mode_of_group()
    owners()
    by_kind()
    cleared_by_content()
    capabilities()


def modes():
    for caller, who in WHO.items():
        for mode in (0o0, 0o644, 0o755, 0o1644, 0o2644, 0o2755, 0o4755, 0o7777, 0o1777):
            for kind in ('file', 'dir'):
                with folder():
                    make(kind, 'a')
                    os.chown('a', USER, GROUP)
                    with user(*who):
                        see(f'{caller} chmods {kind} to {mode:o}', lambda: os.chmod('a', mode),
                            lambda: about('a'))


def mode_of_group():
    """Set-group-id is not to be had for a group that one is not in."""
    for groups in ((), (GROUP,)):
        for before in (0o2755, 0o755):
            with folder():
                write('a', b'x', before)
                os.chown('a', USER, GROUP)
                os.chmod('a', before)
                with user(USER, USER, groups):
                    see(f'groups {groups}, {before:o} to 2711', lambda: os.chmod('a', 0o2711),
                        lambda: about('a'))


def owners():
    for caller, who in WHO.items():
        for uid in (-1, USER, OTHER, 0):
            for gid in (-1, USER, GROUP, OTHER, 0):
                for mode in (0o6755, 0o2745):
                    with folder():
                        write('a')
                        os.chown('a', USER, GROUP)
                        os.chmod('a', mode)
                        with user(*who):
                            see(f'{caller} chowns {mode:o} to {uid}:{gid}',
                                lambda: os.chown('a', uid, gid), lambda: about('a'))


def by_kind():
    for kind in KINDS:
        for name, call in (('chown', os.chown), ('lchown', os.lchown)):
            with folder():
                make(kind, 'a')
                if kind in ('file', 'dir', 'fifo'):
                    os.chmod('a', 0o6775)
                see(f'{name} of {kind}', lambda: call('a', 70000, 2**31),
                    lambda: (about('a'), about('a.to')))
                see(f'{name} of {kind} to nobody', lambda: call('a', 65534, 2**32 - 2),
                    lambda: (about('a'), about('a.to')))
        with folder():
            make(kind, 'a')
            see(f'chmod of {kind}', lambda: os.chmod('a', 0o1234),
                lambda: (about('a'), about('a.to')))


def direct_write(fd):
    with mmap.mmap(-1, 4096) as page:
        return os.pwrite(fd, page, 0)


CONTENT = {
    'write': lambda: closed('a', os.O_WRONLY, lambda f: os.write(f, b'y')),
    'write of nothing': lambda: closed('a', os.O_WRONLY, lambda f: os.write(f, b'')),
    'append': lambda: closed('a', os.O_WRONLY | os.O_APPEND, lambda f: os.write(f, b'y')),
    'direct write': lambda: closed('a', os.O_RDWR | os.O_DIRECT, direct_write),
    'vector write': lambda: closed('a', os.O_WRONLY, lambda f: os.pwritev(f, [b'a', b'b'], 5)),
    'truncate': lambda: os.truncate('a', 3),
    'truncate to the same': lambda: os.truncate('a', 8192),
    'extend': lambda: os.truncate('a', 10000),
    'ftruncate': lambda: closed('a', os.O_RDWR, lambda f: os.ftruncate(f, 1)),
    'open to truncate': lambda: closed('a', os.O_WRONLY | os.O_TRUNC, lambda f: 0),
    'allocate': lambda: closed('a', os.O_RDWR, lambda f: fallocate(f, 0, 0, 100000)),
    'punch': lambda: closed('a', os.O_RDWR, lambda f: fallocate(f, 3, 0, 4096)),
    'zero': lambda: closed('a', os.O_RDWR, lambda f: fallocate(f, 16, 0, 4096)),
    'copy': lambda: closed('a', os.O_RDWR, lambda f: os.copy_file_range(f, f, 100, 0, 5000)),
    'splice': lambda: spliced(),
    'utime': lambda: os.utime('a'),
    'rename': lambda: os.rename('a', 'b'),
    'link': lambda: os.link('a', 'b'),
    'read': lambda: closed('a', os.O_RDONLY, lambda f: len(os.read(f, 10))),
}


def spliced():
    r, w = os.pipe()
    try:
        os.write(w, b'12345')
        return closed('a', os.O_WRONLY, lambda f: os.splice(r, f, 5))
    finally:
        os.close(r)
        os.close(w)


def cleared_by_content():
    for mode in (0o6777, 0o6767, 0o2777, 0o2766, 0o4777, 0o1777):
        for act, call in CONTENT.items():
            for uid in (0, USER):
                with folder():
                    write('a', b'x' * 8192)
                    os.chown('a', USER, USER)
                    os.chmod('a', mode)
                    with user(uid):
                        see(f'{act} of {mode:o} by {uid}', call,
                            lambda: about('b' if act == 'rename' else 'a')[:11])


def capabilities():
    """File capabilities go with a write, and with a change of owner."""
    value = bytes.fromhex('0100000200040000000000000000000000000000')
    for act in ('write', 'direct write', 'truncate', 'read', 'utime'):
        for uid in (0, USER):
            with folder():
                write('a', b'x' * 100, 0o777)
                os.chown('a', USER, USER)
                os.setxattr('a', 'security.capability', value)
                with user(uid):
                    see(f'{act} by {uid}', CONTENT[act], lambda: os.listxattr('a'))
    with folder():
        write('a')
        os.setxattr('a', 'security.capability', value)
        see('chown', lambda: os.chown('a', 5, 5), lambda: os.listxattr('a'))
