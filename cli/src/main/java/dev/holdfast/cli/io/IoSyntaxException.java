package dev.holdfast.cli.io;

/** A script line that cannot be read: where, and what was expected there. */
public final class IoSyntaxException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    IoSyntaxException(int line, int column, String problem) {
        super("line " + line + ", column " + column + ": " + problem);
        this.line = line;
        this.column = column;
    }

    /** Returns the line, from 1. */
    public int line() {
        return line;
    }

    /** Returns the column in UTF-16 units, from 1. */
    public int column() {
        return column;
    }
}
