package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.copy.VolumePath;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;
import java.io.IOException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mv}: renames, in one atomic step. */
@Command(name = "mv", description = "Rename FROM to TO, atomically; a file in the way is replaced.")
final class MvCommand extends VolumeCommand {
    @Parameters(index = "1", paramLabel = "FROM", description = "The path in the volume.")
    private String from;

    @Parameters(index = "2", paramLabel = "TO", description = "The new path; inside it when that is"
            + " a directory.")
    private String to;

    @ArgGroup
    private Mode mode;

    /** What to do when the new name is taken, other than to replace. */
    static final class Mode {
        @Option(names = "-n", description = "Replace nothing: fail when TO is taken.")
        private boolean isNotReplacing;

        @Option(names = "--exchange", description = "Let FROM and TO change places.")
        private boolean isExchanging;
    }

    MvCommand() {
        super(Access.WRITE);
    }

    @Override
    ExitCode run(Volume volume, Output output) throws IOException {
        RenameMode rename = mode == null ? RenameMode.REPLACE
                : mode.isExchanging ? RenameMode.EXCHANGE : RenameMode.NO_REPLACE;
        boolean isInside = rename != RenameMode.EXCHANGE && volume.exists(to)
                && volume.stat(to).type() == FileType.DIRECTORY;
        volume.rename(from, isInside ? VolumePath.join(to, VolumePath.name(from)) : to, rename);
        volume.sync();
        return ExitCode.OK;
    }
}
