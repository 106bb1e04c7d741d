package dev.holdfast.file;

/** Whether setting an extended attribute must make it, or must replace it. */
public enum XattrMode {
    /** Either. */
    CREATE_OR_REPLACE,
    /** Fails with EXISTS if it is there. */
    CREATE,
    /** Fails with NO_DATA if it is not there. */
    REPLACE
}
