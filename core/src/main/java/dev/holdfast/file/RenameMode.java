package dev.holdfast.file;

/** What a rename does when the new name is taken. */
public enum RenameMode {
    /** Takes its place; the data of the file that moves is durable first. */
    REPLACE,
    /** Fails with EXISTS. */
    NO_REPLACE,
    /** Both names change places, at once; fails with NOT_FOUND when the new name is not taken. */
    EXCHANGE
}
