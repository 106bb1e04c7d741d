package dev.holdfast.nio;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs the same tests on every place: what they say holds for volumes as for the default file
 * system.
 */
@ParameterizedClass
@EnumSource(Place.class)
abstract class EveryPlace {
    static final long VOLUME_BYTES = 8 << 20;

    @Parameter
    Place place;

    private Place.Mounted mounted;

    @BeforeEach
    void mount() throws IOException {
        mounted = place.open(VOLUME_BYTES);
    }

    @AfterEach
    void unmount() throws IOException {
        mounted.close();
    }

    Path path(String name) {
        return mounted.root().resolve(name);
    }

    Path root() {
        return mounted.root();
    }
}
