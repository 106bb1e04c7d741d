/** The direct-access file system: volumes, files, mappings whose writable pages are never lost. */
module dev.holdfast.core {
    exports dev.holdfast.device;
    exports dev.holdfast.error;
}
