package dev.holdfast.fs;

/**
 * Pages of a file, bound to blocks of the device.
 *
 * @param filePage number of the first page in the file
 * @param deviceBlock number of the first block
 * @param pages how many of both, adjacent
 */
public record BlockRun(long filePage, long deviceBlock, long pages) {}
