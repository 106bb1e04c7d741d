package dev.holdfast.cli.bench;

/** What else goes on in the volume. */
public enum Load {
    /** Nothing. */
    IDLE("idle"),
    /** Another thread copies a file, over and over. */
    COPY("background copy");

    private final String label;

    Load(String label) {
        this.label = label;
    }

    /** Returns the name in tables and in JSON. */
    public String label() {
        return label;
    }
}
