package dev.holdfast.file;

/**
 * A run of a file that lies in one run of the volume. All in bytes, multiples of 4096.
 *
 * @param fileOffset first byte in the file
 * @param deviceOffset first byte on the volume
 * @param length bytes
 * @param written whether the blocks hold data; unwritten ones read as zero
 */
public record FileExtent(long fileOffset, long deviceOffset, long length, boolean written) {}
