package dev.holdfast.device;

/**
 * What lies under a device.
 *
 * @param granularity unit in which stores become durable
 * @param writeBack how stores are made durable
 * @param survives what a persisted store survives
 * @param mappingUnitBytes smallest range that can be mapped by itself: 4096, or the huge page size
 * @param reason one sentence: why the three are what they are, for {@code info}
 */
public record Medium(
        Granularity granularity,
        WriteBack writeBack,
        Survives survives,
        long mappingUnitBytes,
        String reason) {

    /** Unit of durability. */
    public enum Granularity { LINE, PAGE }

    /** Path by which a store is made durable. */
    public enum WriteBack {
        /** A cache-line write-back instruction and a fence, from the JDK's intrinsic. */
        CACHE_LINE,
        /** {@code msync} of the pages touched. */
        MSYNC,
        /** The model of a traced device. */
        SIMULATED,
        /** Nothing: the medium is volatile and no instruction is at hand. */
        NONE
    }

    /** What a persisted store survives. */
    public enum Survives {
        /** A power cut. */
        POWER_CUT,
        /** The end of the process, {@code kill -9} included, but not of the machine. */
        PROCESS_KILL,
        /** A simulated power cut of the traced device. */
        SIMULATED_POWER_CUT,
        /** Nothing past the device object's own life. */
        NOTHING
    }
}
