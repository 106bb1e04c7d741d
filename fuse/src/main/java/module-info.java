/** The mount: a volume as an ordinary directory, through the kernel's FUSE protocol. */
module dev.holdfast.fuse {
    requires transitive dev.holdfast.core;

    exports dev.holdfast.fuse;
}
