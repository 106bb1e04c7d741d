/**
 * The operations of an {@code io} script, as text and as types: {@link
 * dev.holdfast.cli.io.IoScript} reads lines into {@link dev.holdfast.cli.io.IoOp}s, and an
 * operation's {@code toString} is its line. Depends on {@link dev.holdfast.cli.text.Sizes} and
 * {@link dev.holdfast.cli.text.Quoting} only.
 */
package dev.holdfast.cli.io;
