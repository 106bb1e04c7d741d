"""Who may do what: mode bits, sticky directories, groups, and what is made in them."""
import os
import stat

from observe import GROUP, OTHER, USER, about, folder, make, opens, say, see, tree, user, write

CALLERS = {'owner': (USER, USER, ()), 'member': (OTHER, GROUP, ()),
           'supplementary': (OTHER, OTHER, (GROUP,)), 'other': (OTHER, OTHER, ()),
           'root': (0, 0, ())}


def run():
    files()
    directories()
    sticky()
    inherited_groups()
    access_calls()
    reading_links()


def files():
    for mode in (0, 0o400, 0o200, 0o100, 0o040, 0o020, 0o010, 0o004, 0o002, 0o001, 0o477, 0o077,
                 0o604, 0o755):
        with folder():
            write('a', b'#!/bin/true\n', mode)
            os.chown('a', USER, GROUP)
            for caller, who in CALLERS.items():
                with user(*who):
                    for right, bit in (('r', os.R_OK), ('w', os.W_OK), ('x', os.X_OK)):
                        see(f'{caller} {right} of {mode:o}',
                            lambda: os.access('a', bit, effective_ids=True))
                    see(f'{caller} opens {mode:o} to read', lambda: opens('a', os.O_RDONLY))
                    see(f'{caller} opens {mode:o} to write', lambda: opens('a', os.O_WRONLY))


def directories():
    acts = {
        'list': lambda: sorted(os.listdir('d')),
        'stat': lambda: os.stat('d/f').st_size,
        'chdir': lambda: (os.chdir('d'), os.chdir('..'))[1],
        'open': lambda: opens('d/f', os.O_RDONLY),
        'create': lambda: opens('d/new', os.O_CREAT | os.O_WRONLY),
        'create what is there': lambda: opens('d/f', os.O_CREAT | os.O_WRONLY),
        'mkdir': lambda: os.mkdir('d/sub'),
        'mkdir what is there': lambda: os.mkdir('d/f'),
        'symlink': lambda: os.symlink('t', 'd/s'),
        'link': lambda: os.link('mine', 'd/l'),
        'unlink': lambda: os.unlink('d/f'),
        'unlink what is not there': lambda: os.unlink('d/none'),
        'rmdir': lambda: os.rmdir('d/e'),
        'rename within': lambda: os.rename('d/f', 'd/g'),
        'rename out': lambda: os.rename('d/f', 'g'),
        'rename in': lambda: os.rename('mine', 'd/mine'),
        'nameless': lambda: opens('d', os.O_TMPFILE | os.O_WRONLY),
    }
    for bits in range(8):
        for caller, shift in (('owner', 6), ('supplementary', 3), ('other', 0)):
            for act, call in acts.items():
                with folder():
                    os.mkdir('d')
                    write('d/f', b'abc', 0o666)
                    os.mkdir('d/e')
                    write('mine')
                    os.chown('mine', CALLERS[caller][0], -1)
                    os.chown('d', USER, GROUP)
                    os.chmod('d', bits << shift)
                    with user(*CALLERS[caller]):
                        see(f'{caller} of a directory {bits << shift:03o}: {act}', call)


def sticky():
    acts = {'unlink': lambda: os.unlink('d/f'), 'rmdir': lambda: os.rmdir('d/e'),
            'rename from': lambda: os.rename('d/f', 'd/g'),
            'rename a directory': lambda: os.rename('d/e', 'd/g'),
            'rename over': lambda: os.rename('d/mine', 'd/f'),
            'rename out': lambda: os.rename('d/f', 'g'),
            'exchange': lambda: exchange('d/mine', 'd/f'),
            'link': lambda: os.link('d/mine', 'd/g')}
    for directory_of in (0, USER, OTHER):
        for file_of in (0, USER, OTHER):
            for act, call in acts.items():
                with folder():
                    os.mkdir('d')
                    write('d/f', b'f', 0o666)
                    write('d/mine', b'm', 0o666)
                    os.mkdir('d/e')
                    os.chown('d/mine', USER, USER)
                    os.chown('d/f', file_of, file_of)
                    os.chown('d/e', file_of, file_of)
                    os.chown('d', directory_of, directory_of)
                    os.chmod('d', 0o1777)
                    with user(USER):
                        see(f'sticky of {directory_of}, file of {file_of}: {act}', call,
                            lambda: sorted(os.listdir('d')))


def exchange(a, b):
    from observe import renameat2
    renameat2(a, b, 2)


def inherited_groups():
    for mode in (0o777, 0o2777):
        for caller, who in CALLERS.items():
            for bits in (0o644, 0o755, 0o2755, 0o2745, 0o6711):
                with folder():
                    os.mkdir('d')
                    os.chown('d', USER, GROUP)
                    os.chmod('d', mode)
                    with user(*who):
                        opens('d/file', os.O_CREAT | os.O_WRONLY, bits)
                        os.mkdir('d/dir', bits)
                        os.mkfifo('d/fifo', bits)
                        os.symlink('t', 'd/link')
                    say(f'{caller} makes {bits:o} in a directory of {mode:o}', tree('d'))
    with folder():
        os.mkdir('d')
        os.chown('d', USER, GROUP)
        os.chmod('d', 0o2777)
        fd = os.open('d', os.O_TMPFILE | os.O_WRONLY, 0o644)
        say('nameless', (os.fstat(fd).st_gid, oct(os.fstat(fd).st_mode)))
        os.close(fd)


def access_calls():
    """The real user asks, not the effective one."""
    with folder():
        write('a', b'', 0o600)
        with user(USER):
            see('access by the real user', lambda: os.access('a', os.R_OK))
            see('access by the effective user', lambda: os.access('a', os.R_OK, effective_ids=True))
        for kind in ('dir', 'symlink', 'fifo', 'dangling'):
            make(kind, kind)
            for bit in (os.F_OK, os.R_OK, os.W_OK, os.X_OK):
                see(f'access {bit} of {kind}', lambda: os.access(kind, bit))


def reading_links():
    """A link's mode means nothing, its directory's does."""
    with folder():
        os.symlink('target', 's')
        say('a link', about('s'))
        with user(USER):
            see('read by anybody', lambda: os.readlink('s'))
            see('removed by another', lambda: os.unlink('s'))
        see('mode of a link', lambda: os.chmod('s', 0o600, follow_symlinks=False)
            if os.chmod in os.supports_follow_symlinks else 'no such call')
        say('type', stat.S_ISLNK(os.lstat('s').st_mode) if os.path.lexists('s') else None)
