package dev.holdfast.file;

/**
 * The space of a volume, exact at one moment.
 *
 * @param totalBytes bytes of the volume, its own structures included
 * @param freeBytes bytes in no file and no structure, freed ones not yet durable included
 * @param availableBytes bytes that a write can have: free, and promised to no mapping
 * @param reservedBytes bytes promised to the holes of writable mappings
 * @param largestFreeBytes longest free run
 * @param freeHugePages aligned free 2 MiB runs
 */
public record VolumeSpace(long totalBytes, long freeBytes, long availableBytes, long reservedBytes,
        long largestFreeBytes, long freeHugePages) {}
