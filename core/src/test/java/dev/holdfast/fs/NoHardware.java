package dev.holdfast.fs;

import dev.holdfast.mm.HardwarePages;

/** Page tables that do as they are told, and tell nothing. */
enum NoHardware implements HardwarePages {
    INSTANCE;

    @Override
    public Outcome install(long filePage, long pages, boolean writable) {
        return Outcome.DONE;
    }

    @Override
    public Outcome writeProtect(long filePage, long pages) {
        return Outcome.DONE;
    }

    @Override
    public Outcome unmap(long filePage, long deviceBlock, long pages) {
        return Outcome.DONE;
    }
}
