package dev.holdfast.cli.io;

/**
 * One word of a script line.
 *
 * @param text the word, quotes and escapes undone
 * @param column where it starts, from 1
 * @param isQuoted whether it stood in quotes, and so is never an option
 */
record IoToken(String text, int column, boolean isQuoted) {
    boolean isOption() {
        return !isQuoted && text.length() > 1 && text.charAt(0) == '-';
    }
}
