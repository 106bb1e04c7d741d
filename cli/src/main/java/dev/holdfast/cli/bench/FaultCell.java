package dev.holdfast.cli.bench;

/**
 * One thing measured: a row of the table.
 *
 * @param state what the file has before the first store
 * @param sync whether the mapping is a sync mapping
 * @param pageBytes size of the entries wanted: 4 KiB or 2 MiB
 */
public record FaultCell(FaultCase state, Load load, boolean sync, int pageBytes) {
    /** The size of a PTE's page. */
    public static final int SMALL_PAGE_BYTES = 4096;
    /** The size of a PMD's page. */
    public static final int HUGE_PAGE_BYTES = 2 << 20;

    /** Tells whether the entries wanted are huge. */
    public boolean isHuge() {
        return pageBytes == HUGE_PAGE_BYTES;
    }

    /** Returns the label of the original measurement: "empty, idle, MAP_SYNC". */
    public String label() {
        return state.label() + ", " + load.label() + (sync ? ", MAP_SYNC" : ", no MAP_SYNC");
    }
}
