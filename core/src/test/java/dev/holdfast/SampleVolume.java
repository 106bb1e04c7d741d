package dev.holdfast;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileExtent;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;
import dev.holdfast.file.XattrMode;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/** A small volume with one of everything, and a way to say in a string what a volume holds. */
public final class SampleVolume {
    public static final long SIZE_BYTES = 1 << 20;
    /** More entries than a sample has names: a cycle of directories is left here. */
    private static final int MAX_VISITS = 2000;
    private static final int MAX_READS = 400;
    private static final int READ_BYTES = 16 << 10;

    private SampleVolume() {}

    public static VolumeOptions options(long seed) {
        return VolumeLab.deterministic(VolumeOptions.defaults(), ManualBackground::new,
                () -> 1_700_000_000_000_000_000L, new Random(seed));
    }

    /** Makes files of every kind, with every kind of item and most kinds of op in the log. */
    public static void fill(Volume volume) throws IOException {
        volume.createDirectory("/dir");
        volume.createDirectory("/dir/sub");
        volume.createDirectory("/gone");
        write(volume, "/dir/data", 0, 9000);
        write(volume, "/dir/sub/holes", 50_000, 300);
        try (DaxFile file = volume.openFile("/dir/sub/holes")) {
            file.allocate(AllocateMode.UNWRITTEN, 0, 12_288);
            file.write(bytes(100), 4096);
        }
        write(volume, "/dir/cut", 0, 20_000);
        try (DaxFile file = volume.openFile("/dir/cut")) {
            file.punchHole(4096, 4096);
            file.truncate(15_000);
        }
        volume.link("/dir/data", "/linked");
        volume.createSymbolicLink("/symbolic", "dir/data");
        volume.createSymbolicLink("/long", "x/".repeat(1500));
        volume.setXattr("/dir/data", "user.colour", "blue".getBytes(), XattrMode.CREATE_OR_REPLACE);
        volume.setXattr("/dir/data", "user.gone", new byte[100], XattrMode.CREATE_OR_REPLACE);
        volume.removeXattr("/dir/data", "user.gone");
        volume.rename("/dir/sub", "/moved", RenameMode.REPLACE);
        write(volume, "/victim", 0, 5000);
        volume.unlink("/victim");
        volume.removeDirectory("/gone");
        for (int i = 0; i < 8; i++) {
            volume.createFile("/dir/file-with-a-name-" + i).close();
        }
    }

    private static void write(Volume volume, String path, long offset, int length)
            throws IOException {
        try (DaxFile file = volume.createFile(path)) {
            file.write(bytes(length), offset);
        }
    }

    private static ByteBuffer bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /**
     * Reads everything that names lead to: attributes, extents, data, targets, extended attributes;
     * bounded whatever the volume says. Times are left out.
     */
    public static String describe(Volume volume) throws IOException {
        StringBuilder text = new StringBuilder();
        ArrayDeque<String> rest = new ArrayDeque<>(List.of("/"));
        for (int visits = 0; !rest.isEmpty() && visits < MAX_VISITS; visits++) {
            String path = rest.poll();
            FileStat stat = volume.statLink(path);
            text.append(path).append(' ').append(stat.inode()).append(' ').append(stat.type())
                    .append(' ').append(stat.mode()).append(' ').append(stat.links()).append(' ')
                    .append(stat.sizeBytes()).append(' ').append(stat.blocks());
            switch (stat.type()) {
                case DIRECTORY -> {
                    for (DirectoryEntry entry : volume.list(path)) {
                        String child = (path.equals("/") ? "" : path) + "/" + entry.name();
                        if (child.length() < 1000) {
                            rest.add(child);
                        }
                    }
                    xattrs(volume, path, text);
                }
                case FILE -> {
                    content(volume, path, text);
                    xattrs(volume, path, text);
                }
                case SYMLINK -> text.append(" -> ").append(volume.readSymbolicLink(path));
                default -> text.append(' ').append(stat.device());
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static void xattrs(Volume volume, String path, StringBuilder text)
            throws IOException {
        for (String name : volume.listXattrs(path)) {
            byte[] value = volume.getXattr(path, name);
            text.append(' ').append(name).append('=').append(crc(value, value.length));
        }
    }

    private static void content(Volume volume, String path, StringBuilder text)
            throws IOException {
        try (DaxFile file = volume.openFile(path)) {
            for (FileExtent extent : file.extents()) {
                text.append(' ').append(extent);
            }
            byte[] buffer = new byte[READ_BYTES];
            long offset = 0;
            for (int reads = 0; offset < file.size() && reads < MAX_READS; reads++) {
                int read = file.read(ByteBuffer.wrap(buffer), offset);
                text.append(' ').append(crc(buffer, read));
                offset = next(file, offset + read);
            }
        }
    }

    /** Skips a hole at the end, which may be terabytes. */
    private static long next(DaxFile file, long offset) throws IOException {
        try {
            return offset < file.size() ? file.seekData(offset) : offset;
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.NO_DATA) {
                throw e;
            }
            return file.size();
        }
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /** Makes a filled volume and closes it. */
    public static void closed(DaxDevice device, long seed) throws IOException {
        try (Volume volume = Volume.create(device, options(seed))) {
            fill(volume);
        }
    }
}
