/**
 * The command line. A new subcommand is a class that extends {@link dev.holdfast.cli.Subcommand}
 * and one entry in the list of {@code HoldfastCommand}.
 */
package dev.holdfast.cli;
