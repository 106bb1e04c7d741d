package dev.holdfast.cli.run;

import dev.holdfast.cli.io.IoOp;
import dev.holdfast.file.FileExtent;
import dev.holdfast.file.FileStat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says results in lines, much as {@code xfs_io} does; offsets and lengths are in bytes. */
public final class IoResultText {
    private IoResultText() {}

    /** Returns the lines that say what {@code op} found out: none where it was only to be done. */
    public static List<String> lines(IoOp op, IoResult result) {
        return switch (result) {
            case IoResult.Done() -> List.of();
            case IoResult.Wrote wrote -> List.of("wrote " + wrote.lengthBytes() + "/"
                    + wrote.lengthBytes() + " bytes at offset " + wrote.offset());
            case IoResult.Read read -> read(read);
            case IoResult.Found found -> List.of(
                    (op instanceof IoOp.Seek seek ? seek.kind().name() : "FOUND") + " "
                            + (found.offset().isPresent() ? found.offset().getAsLong() : "EOF"));
            case IoResult.Extents extents -> extents(op, extents);
            case IoResult.Attributes(FileStat stat) -> attributes(stat);
            case IoResult.Recovered recovered -> List.of("power cut: "
                    + (recovered.seed().isPresent()
                            ? "seed " + recovered.seed().getAsLong() + " drew what was kept"
                            : "only what was persisted was kept")
                    + "; recovered");
        };
    }

    private static List<String> read(IoResult.Read read) {
        Content content = read.content();
        List<String> lines = new ArrayList<>();
        lines.add("read " + content.lengthBytes() + "/" + read.lengthBytes() + " bytes at offset "
                + read.offset());
        for (Content.Run run : content.runs()) {
            lines.add(String.format(Locale.ROOT, "%08x: 0x%02x * %d", run.offset(), run.value(),
                    run.lengthBytes()));
        }
        long unseen = content.runCount() - content.runs().size();
        if (unseen > 0) {
            lines.add(String.format(Locale.ROOT, "and %d more runs; crc32c of all 0x%08x", unseen,
                    content.crc32c()));
        }
        return lines;
    }

    private static List<String> extents(IoOp op, IoResult.Extents result) {
        List<String> lines = new ArrayList<>();
        lines.add(op instanceof IoOp.FieMap map ? map.path() + ":" : "extents:");
        int number = 0;
        long at = 0;
        for (FileExtent extent : result.extents()) {
            if (at < extent.fileOffset()) {
                lines.add(line(number++, at, extent.fileOffset(), "hole"));
            }
            at = extent.fileOffset() + extent.length();
            lines.add(line(number++, extent.fileOffset(), at, extent.deviceOffset() + ".."
                    + (extent.deviceOffset() + extent.length() - 1)
                    + (extent.written() ? "" : " unwritten")));
        }
        if (at < result.sizeBytes()) {
            lines.add(line(number, at, result.sizeBytes(), "hole"));
        }
        return lines;
    }

    private static String line(int number, long from, long to, String place) {
        return number + ": [" + from + ".." + (to - 1) + "]: " + place;
    }

    private static List<String> attributes(FileStat stat) {
        return List.of(
                "stat.ino = " + stat.inode(),
                "stat.type = " + stat.type().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                String.format(Locale.ROOT, "stat.mode = %04o", stat.mode()),
                "stat.links = " + stat.links(),
                "stat.size = " + stat.sizeBytes(),
                "stat.blocks = " + stat.blocks());
    }
}
