/**
 * Volumes as {@link java.nio.file.FileSystem}s: every program that takes a
 * {@link java.nio.file.Path} runs on them, mappings included.
 */
module dev.holdfast.nio {
    requires transitive dev.holdfast.core;
    requires jdk.nio.mapmode;

    exports dev.holdfast.nio;

    provides java.nio.file.spi.FileSystemProvider with dev.holdfast.nio.HoldfastFileSystemProvider;
}
