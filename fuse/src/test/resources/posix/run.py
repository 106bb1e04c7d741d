"""Runs the parts in a directory: run.py DIRECTORY [PART...]. To be run as root."""
import importlib
import os
import sys

import observe

PARTS = ('paths', 'kinds', 'renames', 'opens', 'rights', 'owners', 'times', 'data', 'space',
         'xattrs', 'acls', 'locks', 'leases', 'events', 'listings', 'maps', 'extents', 'marks',
         'calls')


def main():
    os.umask(0o022)
    os.chdir(sys.argv[1])
    for name in sys.argv[2:] or PARTS:
        observe.part(name)
        importlib.import_module(name).run()
    sys.stdout.flush()
    print('done')


main()
