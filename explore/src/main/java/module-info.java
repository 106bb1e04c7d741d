/** Crash states: what a power cut may leave of a volume, all of it, recovered and judged. */
module dev.holdfast.explore {
    requires transitive dev.holdfast.core;
    requires static java.instrument;
    requires static org.junit.jupiter.api;

    exports dev.holdfast.explore;
    exports dev.holdfast.explore.agent;
    exports dev.holdfast.explore.junit;
    exports dev.holdfast.explore.medium;
    exports dev.holdfast.explore.model to dev.holdfast.cli;
    exports dev.holdfast.explore.workload to dev.holdfast.cli;

    // JUnit makes the extension.
    opens dev.holdfast.explore.junit to org.junit.platform.commons;
}
