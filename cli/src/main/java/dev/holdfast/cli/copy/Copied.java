package dev.holdfast.cli.copy;

/**
 * What was copied.
 *
 * @param files regular files
 * @param directories directories that are new or were there
 * @param links symbolic links
 * @param bytes bytes of the files
 */
public record Copied(long files, long directories, long links, long bytes) {
    static final Copied NOTHING = new Copied(0, 0, 0, 0);

    Copied file(long fileBytes) {
        return new Copied(files + 1, directories, links, bytes + fileBytes);
    }

    Copied directory() {
        return new Copied(files, directories + 1, links, bytes);
    }

    Copied link() {
        return new Copied(files, directories, links + 1, bytes);
    }
}
