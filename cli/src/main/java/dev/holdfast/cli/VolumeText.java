package dev.holdfast.cli;

import dev.holdfast.device.Medium;

/** Says in words what the medium's enums mean. */
final class VolumeText {
    private VolumeText() {}

    static String survives(Medium medium) {
        return switch (medium.survives()) {
            case POWER_CUT -> "a power cut";
            case PROCESS_KILL -> "the end of a process, kill -9 included; not a power cut";
            case SIMULATED_POWER_CUT -> "a simulated power cut";
            case NOTHING -> "nothing past the process";
        };
    }

    static String writeBack(Medium medium) {
        return switch (medium.writeBack()) {
            case CACHE_LINE -> "cache-line write-back and fence";
            case MSYNC -> "msync of the pages";
            case SIMULATED -> "simulated";
            case NONE -> "none";
        };
    }

    static String granularity(Medium medium) {
        return switch (medium.granularity()) {
            case LINE -> "a cache line of 64 bytes";
            case PAGE -> "a page of 4096 bytes";
        };
    }
}
