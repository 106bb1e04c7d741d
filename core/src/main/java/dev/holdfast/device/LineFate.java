package dev.holdfast.device;

import java.util.Arrays;

/**
 * Decides, in a simulated power cut, what became of each line that was stored to and not persisted.
 * Any line may have reached the medium early, because caches evict when they like, in whole or in
 * part: the processor promises no more than 8-byte words.
 */
@FunctionalInterface
public interface LineFate {
    /** All eight words of a line. */
    int WHOLE = 0xff;

    /** Nothing that was not persisted is kept. */
    LineFate NONE = line -> 0;
    /** Everything is kept, as after an orderly power-off. */
    LineFate ALL = line -> WHOLE;

    /**
     * Returns which words of the line reached the medium: bit n set keeps the stored word n, clear
     * leaves the last persisted one. A function of the line alone: asked twice it answers the same.
     */
    int keptWords(long line);

    /**
     * Returns a random fate that depends on nothing but the seed: lines are lost, kept or torn
     * independently of each other. The seed also draws how often: mostly a mix, sometimes nearly
     * all or nearly none are kept.
     */
    static LineFate seeded(long seed) {
        return new SeededFate(seed);
    }

    /** Returns the fate that keeps the given lines whole and loses every other. */
    static LineFate only(long... lines) {
        long[] sorted = lines.clone();
        Arrays.sort(sorted);
        return line -> Arrays.binarySearch(sorted, line) >= 0 ? WHOLE : 0;
    }

    /**
     * Returns a fate that tears nothing within a sector: it keeps whole units or nothing of them.
     */
    static LineFate whole(int unitBytes, LineFate fate) {
        if (Integer.bitCount(unitBytes) != 1 || unitBytes < DaxDevice.LINE_BYTES) {
            throw new IllegalArgumentException(
                    "unit " + unitBytes + " is no power of two of lines");
        }
        long linesInUnit = unitBytes / DaxDevice.LINE_BYTES;
        return line -> fate.keptWords(line & -linesInUnit) == 0 ? 0 : WHOLE;
    }
}
