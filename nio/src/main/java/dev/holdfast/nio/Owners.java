package dev.holdfast.nio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.HashMap;
import java.util.Map;

/** Owners and groups: numbers on the volume, with the names that this machine has for them. */
final class Owners extends UserPrincipalLookupService {
    /** A user. */
    record User(int id, String name) implements UserPrincipal {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** A group. */
    record Group(int id, String name) implements GroupPrincipal {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static final Owners INSTANCE = new Owners();

    private static final int DEFAULT_UMASK = 022;

    private final Map<String, Integer> users = read("/etc/passwd");
    private final Map<String, Integer> groups = read("/etc/group");
    private final int uid = ofProcess("unix:uid");
    private final int gid = ofProcess("unix:gid");
    private final int umask = umaskOfProcess();

    private Owners() {}

    /** Reads names and numbers; where there is no such file, numbers are all there is. */
    private static Map<String, Integer> read(String file) {
        Map<String, Integer> ids = new HashMap<>();
        try {
            for (String line : Files.readAllLines(Path.of(file))) {
                String[] fields = line.split(":");
                if (fields.length > 2 && isNumber(fields[2])) {
                    ids.putIfAbsent(fields[0], Integer.parseUnsignedInt(fields[2]));
                }
            }
        } catch (IOException none) {
            ids.clear();
        }
        return ids;
    }

    private static int ofProcess(String attribute) {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), attribute);
        } catch (IOException | UnsupportedOperationException noProc) {
            return 0;
        }
    }

    private static int umaskOfProcess() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Umask:"))
                    .map(line -> Integer.parseInt(line.substring(6).trim(), 8))
                    .findFirst().orElse(DEFAULT_UMASK);
        } catch (IOException noProc) {
            return DEFAULT_UMASK;
        }
    }

    /** Owner of what this process makes. */
    int uid() {
        return uid;
    }

    /** Group of what this process makes. */
    int gid() {
        return gid;
    }

    /** Permissions that what this process makes does not get. */
    int umask() {
        return umask;
    }

    User user(int id) {
        return new User(id, nameOf(users, id));
    }

    Group group(int id) {
        return new Group(id, nameOf(groups, id));
    }

    private static String nameOf(Map<String, Integer> names, int id) {
        return names.entrySet().stream().filter(entry -> entry.getValue() == id)
                .map(Map.Entry::getKey).min(String::compareTo).orElse(Integer.toUnsignedString(id));
    }

    @Override
    public User lookupPrincipalByName(String name) throws IOException {
        return new User(find(users, name), name);
    }

    @Override
    public Group lookupPrincipalByGroupName(String group) throws IOException {
        return new Group(find(groups, group), group);
    }

    private static int find(Map<String, Integer> names, String name) throws IOException {
        Integer id = names.get(name);
        if (id != null) {
            return id;
        }
        if (isNumber(name)) {
            return Integer.parseUnsignedInt(name);
        }
        throw new UserPrincipalNotFoundException(name);
    }

    private static boolean isNumber(String text) {
        return text.matches("\\d{1,9}");
    }

    static int idOf(UserPrincipal user) {
        if (user instanceof User ours) {
            return ours.id;
        }
        throw new ProviderMismatchException(user + " is no user of this provider");
    }

    static int idOf(GroupPrincipal group) {
        if (group instanceof Group ours) {
            return ours.id;
        }
        throw new ProviderMismatchException(group + " is no group of this provider");
    }
}
