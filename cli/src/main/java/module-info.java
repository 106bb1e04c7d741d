/** The command line: {@code holdfast}. */
module dev.holdfast.cli {
    requires dev.holdfast.core;
    requires dev.holdfast.explore;
    requires dev.holdfast.faultd;
    requires dev.holdfast.fuse;
    requires info.picocli;
    requires java.management;
    requires jdk.nio.mapmode;

    opens dev.holdfast.cli to info.picocli;
    opens dev.holdfast.cli.bench to info.picocli;
    opens dev.holdfast.cli.demo to info.picocli;
    opens dev.holdfast.cli.explore to info.picocli;
}
