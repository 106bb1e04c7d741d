package dev.holdfast.device;

/** The random fate of lines: a hash of seed and line, so that it needs no state and no order. */
final class SeededFate implements LineFate {
    private final long seed;
    /** Of 256 lines, how many are kept whole; and how many are whole or torn. */
    private final int keptBelow;
    private final int tornBelow;

    SeededFate(long seed) {
        this.seed = mix(seed);
        int mood = (int) (this.seed >>> 60);
        keptBelow = switch (mood) {
            case 0 -> 4;
            case 1 -> 248;
            case 2, 3 -> 48;
            case 4, 5 -> 192;
            default -> 112;
        };
        tornBelow = keptBelow + (256 - keptBelow) / 8;
    }

    @Override
    public int keptWords(long line) {
        long drawn = mix(seed + line);
        int dice = (int) (drawn & 0xff);
        if (dice < keptBelow) {
            return WHOLE;
        }
        return dice < tornBelow ? (int) (drawn >>> 8) & WHOLE : 0;
    }

    @Override
    public String toString() {
        return "SeededFate[kept=" + keptBelow + "/256, torn=" + (tornBelow - keptBelow) + "/256]";
    }

    /** SplitMix64's finalizer: every bit of the input moves every bit of the output. */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
