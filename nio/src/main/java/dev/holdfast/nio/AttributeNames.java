package dev.holdfast.nio;

import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Attributes by name, as {@code Files.readAttributes(path, "posix:permissions,size")} asks for
 * them.
 */
final class AttributeNames {
    /** Names of the views, as a file system lists them. */
    static final Set<String> VIEWS = Set.of("basic", "owner", "posix", "unix", "user");

    private static final Map<String, Function<HoldfastAttributes, Object>> BASIC =
            new LinkedHashMap<>();
    private static final Map<String, Function<HoldfastAttributes, Object>> OWNER =
            new LinkedHashMap<>();
    private static final Map<String, Function<HoldfastAttributes, Object>> POSIX;
    private static final Map<String, Function<HoldfastAttributes, Object>> UNIX;

    static {
        BASIC.put("lastAccessTime", HoldfastAttributes::lastAccessTime);
        BASIC.put("lastModifiedTime", HoldfastAttributes::lastModifiedTime);
        BASIC.put("size", HoldfastAttributes::size);
        BASIC.put("creationTime", HoldfastAttributes::creationTime);
        BASIC.put("isSymbolicLink", HoldfastAttributes::isSymbolicLink);
        BASIC.put("isRegularFile", HoldfastAttributes::isRegularFile);
        BASIC.put("fileKey", HoldfastAttributes::fileKey);
        BASIC.put("isOther", HoldfastAttributes::isOther);
        BASIC.put("isDirectory", HoldfastAttributes::isDirectory);
        OWNER.put("owner", HoldfastAttributes::owner);
        POSIX = new LinkedHashMap<>(BASIC);
        POSIX.putAll(OWNER);
        POSIX.put("group", HoldfastAttributes::group);
        POSIX.put("permissions", HoldfastAttributes::permissions);
        UNIX = new LinkedHashMap<>(POSIX);
        UNIX.put("mode", HoldfastAttributes::unixMode);
        UNIX.put("ino", attributes -> attributes.stat().inode());
        UNIX.put("dev", HoldfastAttributes::volumeId);
        UNIX.put("rdev", attributes -> attributes.stat().device());
        UNIX.put("nlink", attributes -> attributes.stat().links());
        UNIX.put("uid", attributes -> attributes.stat().uid());
        UNIX.put("gid", attributes -> attributes.stat().gid());
        UNIX.put("ctime", HoldfastAttributes::changeTime);
    }

    private AttributeNames() {}

    private record Request(String view, String names) {
        static Request of(String text) {
            int colon = text.indexOf(':');
            return colon < 0 ? new Request("basic", text)
                    : new Request(text.substring(0, colon), text.substring(colon + 1));
        }
    }

    private static Map<String, Function<HoldfastAttributes, Object>> readers(String view) {
        return switch (view) {
            case "basic" -> BASIC;
            case "owner" -> OWNER;
            case "posix" -> POSIX;
            case "unix" -> UNIX;
            default -> throw new UnsupportedOperationException("View '" + view + "' not available");
        };
    }

    /** Reads the attributes that {@code text} names. */
    static Map<String, Object> read(String text, HoldfastAttributeView view, UserView user)
            throws IOException {
        Request request = Request.of(text);
        if (request.names.isEmpty()) {
            throw new IllegalArgumentException("No attributes specified");
        }
        List<String> names = List.of(request.names.split(","));
        if (request.view.equals("user")) {
            return readUser(names, user);
        }
        var readers = readers(request.view);
        for (String name : names) {
            if (!name.equals("*") && !readers.containsKey(name)) {
                throw new IllegalArgumentException("'" + name + "' not recognized");
            }
        }
        HoldfastAttributes attributes = view.readAttributes();
        Map<String, Object> result = new LinkedHashMap<>();
        readers.forEach((name, reader) -> {
            if (names.contains("*") || names.contains(name)) {
                result.put(name, reader.apply(attributes));
            }
        });
        return result;
    }

    private static Map<String, Object> readUser(List<String> names, UserView user)
            throws IOException {
        Map<String, Object> result = new LinkedHashMap<>();
        for (String name : names.contains("*") ? user.list() : names) {
            result.put(name, user.value(name));
        }
        return result;
    }

    /** Sets the attribute that {@code text} names. */
    static void set(String text, Object value, HoldfastAttributeView view, UserView user)
            throws IOException {
        Request request = Request.of(text);
        if (request.view.equals("user")) {
            user.write(request.names,
                    value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : (ByteBuffer) value);
            return;
        }
        if (!readers(request.view).containsKey(request.names)
                && !request.names.equals("creationTime")) {
            throw unknown(text);
        }
        switch (request.names) {
            case "lastModifiedTime" -> view.setTimes((FileTime) value, null, null);
            case "lastAccessTime" -> view.setTimes(null, (FileTime) value, null);
            case "creationTime" -> view.setTimes(null, null, (FileTime) value);
            case "owner" -> view.setOwner((UserPrincipal) value);
            case "group" -> view.setGroup((GroupPrincipal) value);
            case "permissions" -> view.setPermissions(permissions(value));
            case "mode" -> view.change(
                    new AttributeChange().mode((Integer) value & ~FileType.MODE_MASK));
            case "uid" -> view.change(new AttributeChange().uid((Integer) value));
            case "gid" -> view.change(new AttributeChange().gid((Integer) value));
            default -> throw unknown(text);
        }
    }

    @SuppressWarnings("unchecked")
    private static Set<PosixFilePermission> permissions(Object value) {
        return (Set<PosixFilePermission>) value;
    }

    private static IllegalArgumentException unknown(String text) {
        return new IllegalArgumentException("'" + text + "' not recognized");
    }
}
