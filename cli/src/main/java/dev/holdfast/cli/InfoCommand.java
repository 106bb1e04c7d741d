package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.text.Report;
import dev.holdfast.device.Medium;
import dev.holdfast.file.VolumeInfo;
import dev.holdfast.file.VolumeSpace;
import java.time.Instant;
import picocli.CommandLine.Command;

/** {@code info}: says what a volume is, what it is on, and what its promise is worth there. */
@Command(name = "info", description = "Say what a volume is and what its medium survives.")
final class InfoCommand extends VolumeCommand {
    InfoCommand() {
        super(Access.READ);
    }

    @Override
    ExitCode run(Volume volume, Output output) {
        VolumeInfo info = volume.info();
        output.report(new Report()
                .text("volume", volumePath().toString())
                .text("label", info.label().isEmpty() ? null : info.label())
                .text("uuid", info.uuid().toString())
                .text("created", Instant.ofEpochMilli(info.createdMillis()).toString())
                .count("formatVersion", info.formatVersion())
                .text("state", info.cleanWhenOpened() ? "clean"
                        : "was not closed; its log is replayed")
                .size("sizeBytes", info.sizeBytes())
                .group("space", space(volume.space()))
                .group("metadata", metadata(info))
                .group("medium", medium(volume.medium())));
        return ExitCode.OK;
    }

    private static Report space(VolumeSpace space) {
        return new Report()
                .size("freeBytes", space.freeBytes())
                .size("availableBytes", space.availableBytes())
                .size("largestFreeBytes", space.largestFreeBytes())
                .count("freeHugePages", space.freeHugePages());
    }

    private static Report metadata(VolumeInfo info) {
        return new Report()
                .size("logBytes", info.logBytes())
                .size("logUsedBytes", info.logUsedBytes())
                .count("checkpointGeneration", info.checkpointGeneration())
                .size("nodeChunkBytes", info.nodeChunkBytes());
    }

    private static Report medium(Medium medium) {
        return new Report()
                .text("survives", VolumeText.survives(medium))
                .text("granularity", VolumeText.granularity(medium))
                .text("persist", VolumeText.writeBack(medium))
                .size("mappingUnitBytes", medium.mappingUnitBytes())
                .text("why", medium.reason());
    }
}
