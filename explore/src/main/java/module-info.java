/** Crash states: what a power cut may leave of a volume, all of it, recovered and judged. */
module dev.holdfast.explore {
    requires transitive dev.holdfast.core;
    requires static org.junit.jupiter.api;

    exports dev.holdfast.explore;
    exports dev.holdfast.explore.medium;
    exports dev.holdfast.explore.model to dev.holdfast.cli;
    exports dev.holdfast.explore.workload to dev.holdfast.cli;
}
