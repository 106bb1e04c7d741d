/** Crash states: what a power cut may leave of a volume, all of it, recovered and judged. */
module dev.holdfast.explore {
    requires transitive dev.holdfast.core;
    requires static org.junit.jupiter.api;

    exports dev.holdfast.explore;
    exports dev.holdfast.explore.medium;
}
