package dev.holdfast.nio;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.Objects;

/** The view "user": extended attributes whose names on the volume begin with "user.". */
final class UserView implements UserDefinedFileAttributeView {
    private static final String PREFIX = "user.";

    private final HoldfastFileSystem fileSystem;
    private final Path path;
    private final HoldfastAttributeView.Lookup lookup;

    UserView(HoldfastFileSystem fileSystem, Path path, HoldfastAttributeView.Lookup lookup) {
        this.fileSystem = fileSystem;
        this.path = path;
        this.lookup = lookup;
    }

    @Override
    public String name() {
        return "user";
    }

    @Override
    public List<String> list() throws IOException {
        return Errors.naming(path, () -> fileSystem.core().xattrs().list(lookup.inode()).stream()
                .filter(name -> name.startsWith(PREFIX))
                .map(name -> name.substring(PREFIX.length()))
                .toList());
    }

    byte[] value(String name) throws IOException {
        try {
            return fileSystem.core().xattrs().get(lookup.inode(), PREFIX + name);
        } catch (HoldfastException e) {
            throw translate(e, name);
        }
    }

    private IOException translate(HoldfastException e, String name) {
        return e.code() == ErrorCode.NO_DATA
                ? new FileSystemException(path.toString(), null, "no attribute '" + name + "'")
                : Errors.translate(e, path, null);
    }

    @Override
    public int size(String name) throws IOException {
        return value(name).length;
    }

    @Override
    public int read(String name, ByteBuffer target) throws IOException {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("Read-only buffer");
        }
        byte[] value = value(name);
        if (value.length > target.remaining()) {
            throw new FileSystemException(path.toString(), null, "attribute '" + name + "' has "
                    + value.length + " bytes, and the buffer room for " + target.remaining());
        }
        target.put(value);
        return value.length;
    }

    @Override
    public int write(String name, ByteBuffer source) throws IOException {
        if (Objects.requireNonNull(name, "name").isEmpty()) {
            throw new FileSystemException(path.toString(), null, "an attribute needs a name");
        }
        byte[] value = new byte[source.remaining()];
        source.get(value);
        Errors.naming(path, () -> {
            fileSystem.core().xattrs().set(lookup.inode(), PREFIX + name, value,
                    XattrMode.CREATE_OR_REPLACE);
            return null;
        });
        return value.length;
    }

    @Override
    public void delete(String name) throws IOException {
        try {
            fileSystem.core().xattrs().remove(lookup.inode(), PREFIX + name);
        } catch (HoldfastException e) {
            throw translate(e, name);
        }
    }
}
