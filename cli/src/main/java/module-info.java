/** The command line: {@code holdfast}. */
module dev.holdfast.cli {
    requires dev.holdfast.core;
    requires dev.holdfast.fuse;
    requires info.picocli;

    opens dev.holdfast.cli to info.picocli;
}
