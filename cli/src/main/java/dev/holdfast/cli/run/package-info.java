/**
 * Executes the operations of an {@code io} script on a volume: {@link
 * dev.holdfast.cli.run.IoRunner} turns an {@link dev.holdfast.cli.io.IoOp} into an {@link
 * dev.holdfast.cli.run.IoResult}, on an {@link dev.holdfast.cli.run.IoStage} that says what a
 * crash is. Knows nothing of commands, so that tests and explorers can use it.
 */
package dev.holdfast.cli.run;
