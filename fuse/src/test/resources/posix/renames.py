"""Renaming each kind of thing over each other, with each flag."""
import os

from observe import KINDS, USER, folder, make, opens, read, renameat2, see, tree, user, write

FLAGS = {'replace': 0, 'no replace': 1, 'exchange': 2, 'both': 3, 'whiteout and exchange': 6,
         'unknown': 8}


def run():
    for flag, bits in FLAGS.items():
        for source in KINDS:
            for target in KINDS:
                with folder():
                    make(source, 'a')
                    make(target, 'b')
                    see(f'{flag}: {source} to {target}', lambda: renameat2('a', 'b', bits), tree)
    same()
    loops()
    directories()
    while_open()


def same():
    for bits in (0, 1, 2):
        with folder():
            write('a')
            os.link('a', 'b')
            see(f'one link over another, {bits}', lambda: renameat2('a', 'b', bits), tree)
            see(f'onto itself, {bits}', lambda: renameat2('a', 'a', bits), tree)
            os.mkdir('d')
            see(f'directory onto itself, {bits}', lambda: renameat2('d', 'd', bits), tree)


def loops():
    for source, target in (('d', 'd/e/x'), ('d', 'd/x'), ('d', 'd/e'), ('d/e', 'd'), ('d', 'd/.'),
                           ('d/.', 'x'), ('d/..', 'x'), ('.', 'x'), ('d', '.'), ('d', '..'),
                           ('d/e', 'd/e/f/g'), ('d/e/f', '.'), ('s', 's/x'), ('d', 's/e/x')):
        for bits in (0, 1, 2):
            with folder():
                os.makedirs('d/e/f')
                os.symlink('d', 's')
                see(f'{source} to {target}, {bits}', lambda: renameat2(source, target, bits), tree)


def directories():
    with folder():
        os.makedirs('a/b/c')
        os.makedirs('x/y')
        write('a/b/c/file')
        os.rename('a/b', 'x/y/b')
        see('what was below is below', lambda: read('x/y/b/c/file'))
        here = os.getcwd()
        os.chdir('x/y/b/c')
        see('dot dot follows the move', lambda: os.path.samefile('../..', here + '/x/y'))
        os.rename(here + '/x/y/b', here + '/moved')
        see('and again', lambda: os.path.samefile('..', here + '/moved'))
        os.chdir(here)
        see('exchange of directories', lambda: renameat2('moved', 'x', 2), tree)
        see('counts', lambda: (os.stat('.').st_nlink, os.stat('moved').st_nlink,
                               os.stat('x').st_nlink))
    # A directory that moves to another parent is written to: its dot dot changes.
    for mode in (0o755, 0o555):
        with folder():
            os.mkdir('p')
            os.mkdir('q')
            for name in ('p', 'q', 'p/d'):
                if name == 'p/d':
                    os.mkdir(name)
                os.chown(name, USER, USER)
            os.chmod('p/d', mode)
            with user(USER):
                see(f'a directory of {mode:o} to another parent', lambda: os.rename('p/d', 'q/d'))
                see(f'a directory of {mode:o} in place', lambda: os.rename('p/d', 'p/e'))


def while_open():
    with folder():
        write('a', b'old')
        write('b', b'new')
        old = os.open('b', os.O_RDONLY)
        os.rename('a', 'b')
        see('the replaced one', lambda: (os.read(old, 9), os.fstat(old).st_nlink, read('b')))
        os.close(old)
        os.mkdir('d')
        os.mkdir('e')
        old = os.open('e', os.O_RDONLY)
        os.rename('d', 'e')
        see('a replaced directory', lambda: os.fstat(old).st_nlink)
        see('create in it', lambda: opens('x', os.O_CREAT | os.O_WRONLY, dir_fd=old))
        os.close(old)
