package dev.holdfast.cli.copy;

/** Paths within a volume, as text. */
public final class VolumePath {
    private VolumePath() {}

    /** Returns the path of a name in a directory. */
    public static String join(String directory, String name) {
        return directory.endsWith("/") ? directory + name : directory + "/" + name;
    }

    /** Returns the last name of a path, or nothing for the root. */
    public static String name(String path) {
        String bare = bare(path);
        return bare.substring(bare.lastIndexOf('/') + 1);
    }

    /** Returns the directory a path's last name is in. */
    public static String parent(String path) {
        String bare = bare(path);
        int slash = bare.lastIndexOf('/');
        return slash <= 0 ? "/" : bare.substring(0, slash);
    }

    private static String bare(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }
}
