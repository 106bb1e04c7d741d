package dev.holdfast.faultd.wire;

import java.io.IOException;

/** A message that no correct peer sends: there is nothing to do but to end the connection. */
public final class WireException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception that says what is wrong with the message. */
    public WireException(String message) {
        super(message);
    }
}
