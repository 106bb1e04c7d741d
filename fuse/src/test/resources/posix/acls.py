"""Access control lists: how they decide, follow the mode, and are inherited."""
import os
import struct

from observe import (GROUP, KINDS, OTHER, USER, about, folder, make, opens, say, see, user, write)

ACCESS, DEFAULT = 'system.posix_acl_access', 'system.posix_acl_default'
USER_OBJ, NAMED_USER, GROUP_OBJ, NAMED_GROUP, MASK, OTHERS = 1, 2, 4, 8, 16, 32
NOBODY = 2**32 - 1


def acl(*entries):
    """The form in which a list is set: tag, permissions and who, each."""
    return struct.pack('<I', 2) + b''.join(
        struct.pack('<HHI', *entry, *([NOBODY] if len(entry) == 2 else [])) for entry in entries)


def shown(name, attribute=ACCESS):
    try:
        value = os.getxattr(name, attribute)
    except OSError as e:
        return e.strerror
    return ' '.join('%d:%d%s' % (tag, bits, '' if who == NOBODY else f'({who})')
                    for tag, bits, who in struct.iter_unpack('<HHI', value[4:]))


def both(name):
    return about(name)[:10], shown(name), shown(name, DEFAULT)


MINIMAL = acl((USER_OBJ, 6), (GROUP_OBJ, 4), (OTHERS, 0))
EXTENDED = acl((USER_OBJ, 7), (NAMED_USER, 6, USER), (GROUP_OBJ, 5), (NAMED_GROUP, 2, GROUP),
               (MASK, 6), (OTHERS, 1))
LISTS = {
    'minimal': MINIMAL,
    'extended': EXTENDED,
    'only a mask': acl((USER_OBJ, 6), (GROUP_OBJ, 6), (MASK, 4), (OTHERS, 4)),
    'named without a mask': acl((USER_OBJ, 7), (NAMED_USER, 6, USER), (GROUP_OBJ, 5), (OTHERS, 1)),
    'out of order': acl((OTHERS, 1), (USER_OBJ, 7), (GROUP_OBJ, 5)),
    'without an owner': acl((GROUP_OBJ, 5), (OTHERS, 1)),
    'no such tag': acl((USER_OBJ, 7), (3, 5), (OTHERS, 1)),
    'no such permission': acl((USER_OBJ, 9), (GROUP_OBJ, 5), (OTHERS, 1)),
    'another version': b'\x01' + MINIMAL[1:],
    'cut': EXTENDED[:-3],
    'empty': acl(),
    'nothing': b'',
}


def run():
    setting()
    by_kind()
    following_the_mode()
    deciding()
    inheriting()
    setters()


def setting():
    for name, value in LISTS.items():
        for attribute in (ACCESS, DEFAULT):
            for kind in ('file', 'dir'):
                with folder():
                    make(kind, 'a')
                    os.chmod('a', 0o751)
                    see(f'{attribute[17:]} {name} on a {kind}', lambda: os.setxattr(
                        'a', attribute, value), lambda: both('a'))
                    os.setxattr('a', ACCESS, EXTENDED)
                    see(f'{attribute[17:]} {name} on a {kind} that has one', lambda: os.setxattr(
                        'a', attribute, value), lambda: both('a'))
                    see(f'{attribute[17:]} removed from a {kind}', lambda: os.removexattr(
                        'a', attribute), lambda: both('a'))
    for flags in (1, 2):
        with folder():
            make('file', 'a')
            see(f'flags {flags}', lambda: os.setxattr('a', ACCESS, EXTENDED, flags))
            see(f'flags {flags} again', lambda: os.setxattr('a', ACCESS, EXTENDED, flags))
    with folder():
        make('file', 'a')
        os.setxattr('a', ACCESS, EXTENDED)
        say('listed', os.listxattr('a'))
        with user(OTHER):
            see('listed for others', lambda: os.listxattr('a'))
            see('read by others', lambda: shown('a'))


def by_kind():
    for kind in KINDS:
        for attribute in (ACCESS, DEFAULT):
            with folder():
                make(kind, 'a')
                for follow in (True, False):
                    see(f'{attribute[17:]} of {kind}, {follow}', lambda: os.setxattr(
                        'a', attribute, EXTENDED, follow_symlinks=follow), lambda: (
                            about('a'), about('a.to')))


def following_the_mode():
    for mode in (0, 0o640, 0o604, 0o777, 0o070, 0o6755):
        for value in (EXTENDED, LISTS['only a mask']):
            for kind in ('file', 'dir'):
                with folder():
                    make(kind, 'a')
                    os.setxattr('a', ACCESS, value)
                    see(f'chmod of a {kind} to {mode:o}', lambda: os.chmod('a', mode),
                        lambda: both('a'))
    with folder():
        write('a', b'x' * 100)
        os.chown('a', USER, USER)
        os.setxattr('a', ACCESS, EXTENDED)
        os.chmod('a', 0o6775)
        see('chown', lambda: os.chown('a', OTHER, OTHER), lambda: both('a'))
        os.chmod('a', 0o6777)
        with user(USER):
            see('write', lambda: opens('a', os.O_WRONLY | os.O_TRUNC), lambda: both('a'))


def deciding():
    callers = {'owner': (OTHER, OTHER, ()), 'named user': (USER, USER, ()),
               'named group': (1234, GROUP, ()), 'supplementary': (1234, 1234, (GROUP,)),
               'both groups': (1234, 2222, (GROUP,)), 'own group': (1234, 2222, ()),
               'others': (1234, 1234, ())}
    for named in (0, 4, 6):
        for grouped in (0, 4, 6):
            for mask in (0, 4, 7):
                with folder():
                    write('a')
                    os.chown('a', OTHER, 2222)
                    os.setxattr('a', ACCESS, acl(
                        (USER_OBJ, 4), (NAMED_USER, named, USER), (GROUP_OBJ, 2),
                        (NAMED_GROUP, grouped, GROUP), (MASK, mask), (OTHERS, 4)))
                    for caller, who in callers.items():
                        with user(*who):
                            for way, flag in (('r', os.O_RDONLY), ('w', os.O_WRONLY)):
                                see(f'{caller} {way}: user {named}, group {grouped}, mask {mask}',
                                    lambda: opens('a', flag))
    with folder():
        os.mkdir('d')
        write('d/f')
        os.chmod('d', 0o700)
        with user(USER):
            see('create before', lambda: opens('d/n', os.O_CREAT | os.O_WRONLY))
        os.setxattr('d', ACCESS, acl((USER_OBJ, 7), (NAMED_USER, 7, USER), (GROUP_OBJ, 0),
                                     (MASK, 7), (OTHERS, 0)))
        with user(USER):
            see('create after', lambda: opens('d/n', os.O_CREAT | os.O_WRONLY))
            see('unlink after', lambda: os.unlink('d/f'))


def inheriting():
    defaults = {'extended': acl((USER_OBJ, 7), (NAMED_USER, 7, USER), (GROUP_OBJ, 5), (MASK, 7),
                                (OTHERS, 0)),
                'minimal': acl((USER_OBJ, 6), (GROUP_OBJ, 4), (OTHERS, 4)),
                'narrow': acl((USER_OBJ, 4), (GROUP_OBJ, 1), (NAMED_GROUP, 2, GROUP), (MASK, 3),
                              (OTHERS, 2))}
    for name, value in defaults.items():
        for umask in (0, 0o027, 0o777):
            for mode in (0o777, 0o640, 0o666, 0):
                with folder():
                    os.mkdir('d')
                    os.setxattr('d', DEFAULT, value)
                    os.umask(umask)
                    opens('d/file', os.O_CREAT | os.O_WRONLY, mode)
                    os.mkdir('d/dir', mode)
                    os.mkfifo('d/fifo', mode)
                    os.symlink('t', 'd/link')
                    fd = os.open('d', os.O_TMPFILE | os.O_WRONLY, mode)
                    nameless = oct(os.fstat(fd).st_mode)
                    os.close(fd)
                    os.umask(0o022)
                    say(f'{name} under {umask:o}, {mode:o}', (
                        both('d/file'), both('d/dir'), both('d/fifo'), about('d/link'), nameless))
    with folder():
        os.mkdir('d')
        os.setxattr('d', DEFAULT, defaults['extended'])
        os.makedirs('d/e/f/g')
        write('file')
        os.rename('file', 'd/file')
        os.link('d/file', 'd/e/link')
        say('down the tree, not by a move', (both('d/e/f/g'), both('d/file'), both('d/e/link')))


def setters():
    for caller, uid in (('owner', USER), ('other', OTHER)):
        for groups in ((), (GROUP,)):
            with folder():
                write('a', b'x', 0o2755)
                os.chown('a', USER, GROUP)
                os.chmod('a', 0o2755)
                with user(uid, uid, groups):
                    see(f'{caller} in {groups} sets one', lambda: os.setxattr('a', ACCESS, EXTENDED),
                        lambda: both('a'))
                    see(f'{caller} in {groups} removes it', lambda: os.removexattr('a', ACCESS),
                        lambda: both('a'))
