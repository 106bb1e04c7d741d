package dev.holdfast.nio;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Objects;

/** The volume as a store: its figures are exact at the moment they are asked for. */
final class HoldfastFileStore extends FileStore {
    private static final long BLOCK_BYTES = 4096;

    private final HoldfastFileSystem fileSystem;

    HoldfastFileStore(HoldfastFileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    @Override
    public String name() {
        return fileSystem.core().device().name();
    }

    @Override
    public String type() {
        return "holdfast";
    }

    @Override
    public boolean isReadOnly() {
        return fileSystem.isReadOnly();
    }

    @Override
    public long getTotalSpace() {
        return fileSystem.core().statfs().totalBytes();
    }

    /** Returns what a write can have: not what is promised to mappings. */
    @Override
    public long getUsableSpace() {
        return isReadOnly() ? 0 : fileSystem.core().statfs().availableBytes();
    }

    @Override
    public long getUnallocatedSpace() {
        return fileSystem.core().statfs().freeBytes();
    }

    @Override
    public long getBlockSize() {
        return BLOCK_BYTES;
    }

    @Override
    public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
        Objects.requireNonNull(type);
        return type == BasicFileAttributeView.class || type == FileOwnerAttributeView.class
                || type == PosixFileAttributeView.class
                || type == UserDefinedFileAttributeView.class;
    }

    @Override
    public boolean supportsFileAttributeView(String name) {
        return AttributeNames.VIEWS.contains(name);
    }

    @Override
    public <V extends FileStoreAttributeView> V getFileStoreAttributeView(Class<V> type) {
        Objects.requireNonNull(type);
        return null;
    }

    @Override
    public Object getAttribute(String attribute) throws IOException {
        return switch (attribute) {
            case "totalSpace" -> getTotalSpace();
            case "usableSpace" -> getUsableSpace();
            case "unallocatedSpace" -> getUnallocatedSpace();
            default -> throw new UnsupportedOperationException(
                    "'" + attribute + "' not recognized");
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HoldfastFileStore store && store.fileSystem == fileSystem;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(fileSystem);
    }

    @Override
    public String toString() {
        return fileSystem + " (holdfast)";
    }
}
