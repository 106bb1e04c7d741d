package dev.holdfast.explore.junit;

import dev.holdfast.explore.Exploration.Loss;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A run of the medium with one fate, and what lies there.
 *
 * @param place as the explorer names the first byte: {@code "/file at 64"}, or some metadata
 * @param stale whether it shows an earlier store, and not what was durable
 */
record LostRange(long deviceOffset, long lengthBytes, String place, boolean stale) {
    private static final String AT = " at ";
    private static final String LINE_OF = ", line \\d+$";

    /** Joins pieces that meet, on the medium and in their file or record. */
    static List<LostRange> of(List<Loss> pieces) {
        List<LostRange> ranges = new ArrayList<>();
        for (Loss piece : pieces.stream()
                .sorted(Comparator.comparingLong(Loss::deviceOffset)).toList()) {
            LostRange next = new LostRange(piece.deviceOffset(), piece.lengthBytes(),
                    piece.place(), piece.version() >= 0);
            LostRange last = ranges.isEmpty() ? null : ranges.getLast();
            if (last != null && last.isFollowedBy(next)) {
                ranges.set(ranges.size() - 1, new LostRange(last.deviceOffset,
                        last.lengthBytes + next.lengthBytes, last.place, last.stale));
            } else {
                ranges.add(next);
            }
        }
        return ranges;
    }

    private boolean isFollowedBy(LostRange next) {
        if (deviceOffset + lengthBytes != next.deviceOffset || stale != next.stale
                || isFileData() != next.isFileData()) {
            return false;
        }
        return isFileData()
                ? path().equals(next.path()) && fileOffset() + lengthBytes == next.fileOffset()
                : next.place.startsWith(place.replaceFirst(LINE_OF, "") + ", line ");
    }

    /** Tells whether it is content of a file; otherwise it is metadata of the volume. */
    boolean isFileData() {
        return place.startsWith("/");
    }

    String path() {
        return place.substring(0, place.lastIndexOf(AT));
    }

    long fileOffset() {
        return Long.parseLong(place.substring(place.lastIndexOf(AT) + AT.length()));
    }

    /** Says where it is. */
    @Override
    public String toString() {
        if (!isFileData()) {
            return place;
        }
        return path() + " bytes " + fileOffset() + " to " + (fileOffset() + lengthBytes - 1);
    }
}
