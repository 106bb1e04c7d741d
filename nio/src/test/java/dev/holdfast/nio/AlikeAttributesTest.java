package dev.holdfast.nio;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What attribute views and stores do. */
class AlikeAttributesTest extends Alike {
    private static final FileTime TIME =
            FileTime.from(1_234_567_890_123_456_789L, TimeUnit.NANOSECONDS);

    private static Path file(Path dir) throws Exception {
        Path file = dir.resolve("a");
        return Files.exists(file) ? file : Files.writeString(file, "0123456789");
    }

    private static Path link(Path dir) throws Exception {
        file(dir);
        Path link = dir.resolve("l");
        return Files.exists(link, NOFOLLOW_LINKS) ? link
                : Files.createSymbolicLink(link, dir.getFileSystem().getPath("a"));
    }

    @TestFactory
    Stream<DynamicTest> byName() {
        return Stream.of(
                alike("read", each(dir -> Files.getAttribute(file(dir), "size"),
                        dir -> Files.getAttribute(file(dir), "basic:isRegularFile"),
                        dir -> Files.getAttribute(file(dir), "posix:size"),
                        dir -> Files.getAttribute(file(dir), "owner:owner"),
                        dir -> Files.getAttribute(file(dir), "owner:size"),
                        dir -> Files.getAttribute(file(dir), "unix:nlink"),
                        dir -> Files.getAttribute(file(dir), "unix:uid"),
                        dir -> (int) Files.getAttribute(file(dir), "unix:mode"),
                        dir -> Files.getAttribute(file(dir), "unix:rdev").getClass(),
                        dir -> Files.getAttribute(file(dir), "unix:ctime").getClass(),
                        dir -> Files.getAttribute(file(dir), "unix:ino").getClass(),
                        dir -> Files.getAttribute(file(dir), "unix:dev").getClass(),
                        dir -> Files.getAttribute(file(dir), "permissions"),
                        dir -> Files.getAttribute(file(dir), "unknown"),
                        dir -> Files.getAttribute(file(dir), "unknown:size"),
                        dir -> Files.getAttribute(file(dir), "basic:"),
                        dir -> Files.getAttribute(file(dir), ""),
                        dir -> Files.getAttribute(file(dir), "*"),
                        dir -> Files.getAttribute(file(dir), "size,isOther"),
                        dir -> Files.getAttribute(file(dir), null),
                        dir -> Files.getAttribute(dir.resolve("no"), "size"))),
                alike("read many", each(
                        dir -> new TreeSet<>(Files.readAttributes(file(dir), "*").keySet()),
                        dir -> new TreeSet<>(Files.readAttributes(file(dir), "basic:*").keySet()),
                        dir -> new TreeSet<>(Files.readAttributes(file(dir), "posix:*").keySet()),
                        dir -> new TreeSet<>(Files.readAttributes(file(dir), "unix:*").keySet()),
                        dir -> new TreeSet<>(Files.readAttributes(file(dir), "owner:*").keySet()),
                        dir -> new TreeMap<>(Files.readAttributes(file(dir), "size,isOther")),
                        dir -> new TreeMap<>(Files.readAttributes(file(dir), "size,*")).size(),
                        dir -> Files.readAttributes(file(dir), "size,unknown"),
                        dir -> Files.readAttributes(file(dir), "unknown:*"),
                        dir -> Files.readAttributes(file(dir), ""),
                        dir -> Files.readAttributes(file(dir), "posix:"))),
                alike("set", each(dir -> Files.setAttribute(file(dir), "size", 1L),
                        dir -> Files.setAttribute(file(dir), "unknown", 1L),
                        dir -> Files.setAttribute(file(dir), "unknown:x", 1L),
                        dir -> Files.setAttribute(file(dir), "lastModifiedTime",
                        TIME).getFileName(),
                        dir -> Files.getLastModifiedTime(file(dir)),
                        dir -> Files.setAttribute(file(dir), "basic:lastAccessTime",
                        TIME).getFileName(),
                        dir -> Files.getAttribute(file(dir), "lastAccessTime"),
                        dir -> Files.setAttribute(file(dir), "lastModifiedTime", "now"),
                        dir -> Files.setAttribute(file(dir), "lastModifiedTime",
                        null).getFileName(),
                        dir -> Files.setAttribute(file(dir), "posix:permissions",
                                Set.of(PosixFilePermission.OWNER_READ)).getFileName(),
                        dir -> Files.getPosixFilePermissions(file(dir)),
                        dir -> Files.setAttribute(file(dir), "posix:permissions", null),
                        dir -> Files.setAttribute(file(dir), "posix:permissions", "rwx"),
                        dir -> Files.setAttribute(file(dir), "unix:mode", 0640).getFileName(),
                        dir -> PosixFilePermissions
                        .toString(Files.getPosixFilePermissions(file(dir))),
                        dir -> Files.setAttribute(file(dir), "unix:uid", 12).getFileName(),
                        dir -> Files.getAttribute(file(dir), "unix:uid"),
                        dir -> Files.getAttribute(file(dir), "owner:owner").toString(),
                        dir -> Files.setAttribute(file(dir), "unix:gid", 13).getFileName(),
                        dir -> Files.getAttribute(file(dir), "unix:gid"),
                        dir -> Files.setAttribute(file(dir), "unix:nlink", 3),
                        dir -> Files.setAttribute(file(dir), "owner:owner", "root"))));
    }

    @TestFactory
    Stream<DynamicTest> views() {
        return Stream.of(
                alike("kinds", each(
                        dir -> Files.getFileAttributeView(file(dir),
                        BasicFileAttributeView.class).name(),
                        dir -> Files.getFileAttributeView(file(dir),
                        PosixFileAttributeView.class).name(),
                        dir -> Files.getFileAttributeView(file(dir),
                        FileOwnerAttributeView.class).name(),
                        dir -> Files.getFileAttributeView(file(dir),
                                UserDefinedFileAttributeView.class).name(),
                        dir -> Files.getFileAttributeView(file(dir), AclFileAttributeView.class),
                        dir -> Files.getFileAttributeView(file(dir), null),
                        dir -> Files.getFileAttributeView(dir.resolve("no"),
                                BasicFileAttributeView.class).name(),
                        dir -> Files.getFileAttributeView(dir.resolve("no"),
                                BasicFileAttributeView.class).readAttributes(),
                        dir -> Files.readAttributes(file(dir), (Class<BasicFileAttributes>) null))),
                alike("what a file is", each(dir -> kinds(file(dir)), dir -> kinds(dir),
                        dir -> kinds(link(dir)), dir -> kinds(link(dir), NOFOLLOW_LINKS))),
                alike("times", each(dir -> {
                    var view = Files.getFileAttributeView(file(dir), BasicFileAttributeView.class);
                    view.setTimes(TIME, null, null);
                    FileTime access = FileTime
                            .from(Instant.parse("1999-12-31T23:59:58.999999999Z"));
                    view.setTimes(null, access, null);
                    view.setTimes(null, null, null);
                    return List.of(view.readAttributes().lastModifiedTime(),
                            view.readAttributes().lastAccessTime());
                }, dir -> Files.setLastModifiedTime(file(dir),
                        FileTime.fromMillis(1)).getFileName(),
                        dir -> Files.getLastModifiedTime(file(dir)),
                        dir -> Files.setLastModifiedTime(dir.resolve("no"), TIME),
                        dir -> Files.setLastModifiedTime(file(dir), null))),
                alike("times of links", each(dir -> {
                    Files.getFileAttributeView(link(dir), BasicFileAttributeView.class,
                            NOFOLLOW_LINKS)
                            .setTimes(TIME, TIME, null);
                    return Files.getLastModifiedTime(link(dir), NOFOLLOW_LINKS);
                }, dir -> Files.getLastModifiedTime(file(dir)).equals(TIME),
                        dir -> {
                            Files.setLastModifiedTime(link(dir), FileTime.fromMillis(5000));
                            return Files.getLastModifiedTime(file(dir));
                        })),
                alike("owners", each(dir -> Files.getOwner(file(dir)).getName(), dir -> {
                    UserPrincipalLookupService lookup =
                            dir.getFileSystem().getUserPrincipalLookupService();
                    UserPrincipal root = lookup.lookupPrincipalByName("root");
                    return root.equals(Files.getOwner(file(dir))) + " " + root.getName() + " "
                            + lookup.lookupPrincipalByGroupName("root").equals(root);
                }, dir -> lookup(dir).lookupPrincipalByName("nobody at all"),
                        dir -> lookup(dir).lookupPrincipalByGroupName("no group at all"),
                        dir -> lookup(dir).lookupPrincipalByName("4711").getName(),
                        dir -> lookup(dir).lookupPrincipalByName(null),
                        dir -> Files.setOwner(file(dir), lookup(dir).lookupPrincipalByName("77"))
                                .getFileName(),
                        dir -> Files.getOwner(file(dir)).getName(),
                        dir -> Files.setOwner(file(dir), null),
                        dir -> Files.setOwner(file(dir), () -> "somebody"))),
                alike("permissions", each(dir -> Files.getPosixFilePermissions(dir).size() > 0,
                        dir -> Files.setPosixFilePermissions(file(dir), Set.of()).getFileName(),
                        dir -> Files.readAttributes(file(dir),
                        PosixFileAttributes.class).permissions(),
                        dir -> Files.setPosixFilePermissions(link(dir),
                                PosixFilePermissions.fromString("rwxrwxrwx")).getFileName(),
                        dir -> Files.getPosixFilePermissions(file(dir)).size(),
                        dir -> Files.setPosixFilePermissions(file(dir), null))));
    }

    private static UserPrincipalLookupService lookup(Path dir) {
        return dir.getFileSystem().getUserPrincipalLookupService();
    }

    private static Object kinds(Path path, java.nio.file.LinkOption... options) throws Exception {
        BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class, options);
        BasicFileAttributes again = Files.readAttributes(path, PosixFileAttributes.class, options);
        return List.of(found.isRegularFile(), found.isDirectory(), found.isSymbolicLink(),
                found.isOther(),
                found.isRegularFile() || found.isSymbolicLink() ? found.size() : 0,
                found.fileKey().equals(again.fileKey()),
                found.creationTime().compareTo(found.lastModifiedTime()) <= 0);
    }

    @TestFactory
    Stream<DynamicTest> userDefined() {
        return Stream.of(alike("attributes", each(dir -> view(dir).list(),
                dir -> view(dir).write("one", ByteBuffer.wrap(new byte[] {1, 2, 3})),
                dir -> view(dir).write("one",
                ByteBuffer.wrap(new byte[] {4, 5}).asReadOnlyBuffer()),
                dir -> view(dir).write("none", ByteBuffer.allocate(0)),
                dir -> view(dir).size("one"),
                dir -> view(dir).size("none"),
                dir -> thrownBy(x -> view(dir).size("unknown"), dir) instanceof java.io.IOException,
                dir -> view(dir).read("one", ByteBuffer.allocate(1)),
                dir -> view(dir).read("one", ByteBuffer.allocateDirect(2)),
                dir -> {
                    ByteBuffer target = ByteBuffer.allocate(9).position(3);
                    view(dir).read("one", target);
                    return target.position() + " " + target.get(4);
                }, dir -> view(dir).read("one", ByteBuffer.allocate(5).asReadOnlyBuffer()),
                dir -> Set.copyOf(view(dir).list()).size(),
                dir -> Files.getAttribute(file(dir), "user:one"),
                dir -> Files.readAttributes(file(dir), "user:*").size(),
                dir -> Map.copyOf(Files.readAttributes(file(dir), "user:one")).keySet(),
                dir -> Files.setAttribute(file(dir), "user:two",
                ByteBuffer.wrap(new byte[4])).getFileName(),
                dir -> Files.setAttribute(file(dir), "user:three", "text"),
                dir -> view(dir).size("two"),
                dir -> {
                    view(dir).delete("two");
                    return view(dir).list().size();
                }, dir -> {
                    view(dir).delete("two");
                    return "deleted again";
                }, dir -> view(dir).write("", ByteBuffer.allocate(1)),
                dir -> view(dir).write(null, ByteBuffer.allocate(1)),
                dir -> view(dir).write("n".repeat(300), ByteBuffer.allocate(1)))));
    }

    private static UserDefinedFileAttributeView view(Path dir) throws Exception {
        return Files.getFileAttributeView(file(dir), UserDefinedFileAttributeView.class);
    }

    @TestFactory
    Stream<DynamicTest> stores() {
        return Stream.of(alike("figures", each(dir -> {
            FileStore store = Files.getFileStore(dir);
            return store.getTotalSpace() >= store.getUnallocatedSpace()
                    && store.getUnallocatedSpace() >= store.getUsableSpace()
                    && store.getUsableSpace() > 0;
        }, dir -> Files.getFileStore(dir).equals(Files.getFileStore(file(dir))),
                dir -> Files.getFileStore(dir).hashCode()
                == Files.getFileStore(file(dir)).hashCode(),
                dir -> Files.getFileStore(dir.resolve("no")),
                dir -> Files.getFileStore(dir).isReadOnly(),
                dir -> Files.getFileStore(dir).getAttribute("totalSpace")
                        .equals(Files.getFileStore(dir).getTotalSpace()),
                dir -> Files.getFileStore(dir).getAttribute("usableSpace").getClass(),
                dir -> Files.getFileStore(dir).getAttribute("unallocatedSpace").getClass(),
                dir -> Files.getFileStore(dir).getAttribute("unknown"),
                dir -> Files.getFileStore(dir).getAttribute(null),
                dir -> Files.getFileStore(dir)
                .getFileStoreAttributeView(FileStoreAttributeView.class),
                dir -> Files.getFileStore(dir).getFileStoreAttributeView(null),
                dir -> Files.getFileStore(dir).supportsFileAttributeView("basic"),
                dir -> Files.getFileStore(dir).supportsFileAttributeView("unknown"),
                dir -> Files.getFileStore(dir).supportsFileAttributeView((String) null),
                dir -> Files.getFileStore(dir)
                .supportsFileAttributeView(PosixFileAttributeView.class),
                dir -> Files.getFileStore(dir)
                .supportsFileAttributeView(AclFileAttributeView.class),
                dir -> Files.getFileStore(dir)
                        .supportsFileAttributeView((Class<BasicFileAttributeView>) null))));
    }
}
