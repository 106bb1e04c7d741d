package dev.holdfast.nio;

import java.nio.channels.FileChannel.MapMode;
import java.util.Objects;
import jdk.nio.mapmode.ExtendedMapMode;

/** The modes in which a file can be mapped. */
final class MapModes {
    private MapModes() {}

    /** Returns the mode without its promise of synchronous metadata. */
    static MapMode plain(MapMode mode) {
        Objects.requireNonNull(mode, "mode");
        if (mode == ExtendedMapMode.READ_ONLY_SYNC) {
            return MapMode.READ_ONLY;
        }
        if (mode == ExtendedMapMode.READ_WRITE_SYNC) {
            return MapMode.READ_WRITE;
        }
        if (mode != MapMode.READ_ONLY && mode != MapMode.READ_WRITE && mode != MapMode.PRIVATE) {
            throw new UnsupportedOperationException("map mode " + mode);
        }
        return mode;
    }
}
