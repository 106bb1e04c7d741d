/** The direct-access file system: volumes, files, mappings whose writable pages are never lost. */
module dev.holdfast.core {
    exports dev.holdfast;
    exports dev.holdfast.device;
    exports dev.holdfast.error;
    exports dev.holdfast.file;

    exports dev.holdfast.dax
            to dev.holdfast.cli, dev.holdfast.explore, dev.holdfast.faultd, dev.holdfast.fuse;
    exports dev.holdfast.ffm to dev.holdfast.faultd, dev.holdfast.fuse;
    exports dev.holdfast.fs
            to dev.holdfast.cli, dev.holdfast.explore, dev.holdfast.faultd, dev.holdfast.fuse,
                    dev.holdfast.nio;
    exports dev.holdfast.mutant to dev.holdfast.cli, dev.holdfast.explore;
    exports dev.holdfast.alloc to dev.holdfast.explore;
    exports dev.holdfast.tree to dev.holdfast.explore;
}
