package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.cli.text.Progress;
import dev.holdfast.cli.text.Report;
import dev.holdfast.device.CreateOptions;
import dev.holdfast.file.VolumeInfo;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mkfs}: makes a volume. */
@Command(name = "mkfs", description = "Make a volume of SIZE (1 MiB to 64 TiB).")
final class MkfsCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "VOLUME", description = "The file to make.")
    private Path path;

    @Parameters(index = "1", paramLabel = "SIZE", description = "Its size: 64MiB, 2g, 1048576.")
    private ByteSize size;

    @Option(names = "--sparse", description = "Let the host find the space when it is first"
            + " written: quick, but the host can run full under the volume.")
    private boolean isSparse;

    @Option(names = "--force", description = "Replace VOLUME if it exists, and all that is in it.")
    private boolean isForced;

    @Option(names = "--label", paramLabel = "NAME", defaultValue = "",
            description = "Name the volume: at most 32 bytes of UTF-8.")
    private String label;

    @Option(names = "--root-owner", paramLabel = "UID:GID",
            description = "Give the root directory to this owner, instead of to VOLUME's.")
    private Owner rootOwner;

    @Override
    protected ExitCode run(Output output) throws IOException {
        try (Volume volume = create(output)) {
            Owner owner = rootOwner == null ? Owner.of(path) : rootOwner;
            volume.setAttributes("/", owner.change());
            output.report(report(volume));
        }
        return ExitCode.OK;
    }

    private Volume create(Output output) throws IOException {
        try (Progress progress = output.progress("writing zeroes", size.bytes())) {
            CreateOptions making = CreateOptions.defaults().withSparse(isSparse)
                    .withOverwrite(isForced).withProgress(progress::done);
            return Volume.create(path, size.bytes(), label, making, VolumeOptions.defaults());
        }
    }

    private Report report(Volume volume) {
        VolumeInfo info = volume.info();
        return new Report()
                .text("volume", path.toString())
                .size("sizeBytes", info.sizeBytes())
                .size("freeBytes", volume.space().availableBytes())
                .text("uuid", info.uuid().toString())
                .text("label", info.label().isEmpty() ? null : info.label())
                .text("survives", VolumeText.survives(volume.medium()));
    }
}
