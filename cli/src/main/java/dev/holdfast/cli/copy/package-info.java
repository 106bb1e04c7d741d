/**
 * Copies files and trees into a volume and out of it. Knows the public interface of the core and
 * nothing of commands.
 */
package dev.holdfast.cli.copy;
