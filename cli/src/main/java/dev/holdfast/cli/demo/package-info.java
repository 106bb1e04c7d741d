/**
 * {@code holdfast demo}: the promise kept and, beside it, what happens without it. Each part shows
 * a control; every number is measured in the run that prints it.
 */
package dev.holdfast.cli.demo;
