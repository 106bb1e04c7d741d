package dev.holdfast.device;

import java.io.IOException;

/** The simulated power of a {@link TracedDevice} is off: nothing becomes durable any more. */
public final class PowerCutException extends IOException {
    private static final long serialVersionUID = 1L;

    PowerCutException(String message) {
        super(message);
    }
}
