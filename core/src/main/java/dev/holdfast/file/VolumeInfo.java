package dev.holdfast.file;

import java.util.UUID;

/**
 * What a volume is and how its metadata stands, as one moment showed it.
 *
 * @param uuid identity, drawn when the volume was made
 * @param label name given by the user; may be empty
 * @param formatVersion version of the format on the medium
 * @param createdMillis when the volume was made, in milliseconds since 1970 (UTC)
 * @param cleanWhenOpened whether it had been closed before it was opened: nothing was recovered
 * @param sizeBytes bytes of the volume
 * @param logBytes bytes of the metadata log's ring
 * @param logUsedBytes bytes of the log that no checkpoint has taken yet
 * @param nodeChunkBytes bytes that the tree takes from free space at once
 * @param checkpointGeneration number of the newest durable checkpoint
 */
public record VolumeInfo(UUID uuid, String label, int formatVersion, long createdMillis,
        boolean cleanWhenOpened, long sizeBytes, long logBytes, long logUsedBytes,
        long nodeChunkBytes, long checkpointGeneration) {}
