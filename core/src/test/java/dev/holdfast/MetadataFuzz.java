package dev.holdfast;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.CheckReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * Where the metadata in use of a volume lies, and how each structure is sealed: written from the
 * format's description and not from the code, so that both are compared.
 */
final class MetadataFuzz {
    static final int BLOCK = 4096;
    static final int LINE = 64;

    /** A structure with its checksum: {@code length} bytes, the CRC at {@code crcAt} in it. */
    record Structure(String kind, int offset, int length, int crcAt) {
        @Override
        public String toString() {
            return kind + " at byte " + offset;
        }
    }

    private MetadataFuzz() {}

    /** Returns every structure in use on the image of a small volume. */
    static List<Structure> structures(byte[] image) {
        ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        List<Structure> found = new ArrayList<>();
        long oldestStart = Long.MAX_VALUE;
        for (int slot = 0; slot < 2; slot++) {
            if (bytes.getLong(slot * BLOCK) != 0) {
                found.add(new Structure("slot", slot * BLOCK, 256, 8));
                oldestStart = Math.min(oldestStart, bytes.getLong(slot * BLOCK + 176));
            }
            found.add(new Structure("epochs", (2 + slot) * BLOCK, 32 + 64 * 16, 0));
        }
        log(bytes, oldestStart, found);
        for (int block = 4 + 16; block < image.length / BLOCK; block++) {
            int at = block * BLOCK;
            if (bytes.getInt(at + 4) == 0x444E4648 && bytes.getLong(at + 24) == block) {
                found.add(new Structure("node", at, BLOCK, 0));
            }
            for (int half = at; half < at + BLOCK; half += BLOCK / 2) {
                if (bytes.getInt(half + 4) == 0x48434648) {
                    found.add(new Structure("chunk", half, 160, 0));
                }
            }
        }
        return found;
    }

    private static void log(ByteBuffer bytes, long start, List<Structure> found) {
        int lines = 16 * BLOCK / LINE;
        long lsn = start;
        while (lsn < start + lines) {
            int at = 4 * BLOCK + (int) (lsn % lines) * LINE;
            int length = bytes.getInt(at + 4) & 0xFFFFFF;
            boolean isPad = bytes.getInt(at + 4) >>> 24 == 2;
            if (bytes.getLong(at + 8) != lsn || length > 8192 - 32) {
                return;
            }
            found.add(new Structure("record " + lsn, at, 32 + length, 0));
            lsn += isPad ? lines - lsn % lines : (32 + length + LINE - 1) / LINE;
        }
    }

    /** Picks a structure: as often a record of the log as any other, of which there are fewer. */
    static Structure pick(List<Structure> structures, Random random) {
        boolean record = random.nextBoolean();
        Structure picked;
        do {
            picked = structures.get(random.nextInt(structures.size()));
        } while (picked.kind.startsWith("record") != record);
        return picked;
    }

    /** Makes the checksum of a structure right again. */
    static void seal(byte[] image, Structure structure) {
        ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        int at = structure.offset;
        CRC32C crc = new CRC32C();
        if (structure.kind.equals("slot")) {
            bytes.putInt(at + 8, 0);
            crc.update(image, at, structure.length);
            bytes.putInt(at + 8, (int) crc.getValue());
            return;
        }
        int length = structure.length;
        if (structure.kind.startsWith("record")) {
            // The length itself may have been changed.
            length = Math.min(32 + (bytes.getInt(at + 4) & 0xFFFFFF), image.length - at);
        }
        crc.update(image, at + 4, length - 4);
        bytes.putInt(at, (int) crc.getValue());
    }

    /** Changes a field or two of a structure and seals it again; returns what was done. */
    static String mutate(byte[] image, Structure structure, Random random) {
        StringBuilder done = new StringBuilder(structure.toString());
        for (int i = random.nextInt(3) == 0 ? 2 : 1; i > 0; i--) {
            int width = 1 << random.nextInt(4);
            int field = fieldOf(structure, width, random);
            int at = structure.offset + field;
            long old = get(image, at, width);
            long value = interesting(old, random);
            put(image, at, width, value);
            done.append(", byte ").append(field).append(" (").append(width).append(" wide): ")
                    .append(old).append(" -> ").append(get(image, at, width));
        }
        seal(image, structure);
        return done.toString();
    }

    /** Headers and the ends of nodes, where the values of items are, more often than the middle. */
    private static int fieldOf(Structure structure, int width, Random random) {
        int fields = structure.length / width;
        int from = structure.kind.startsWith("record") ? 4 : 0;
        int field = switch (random.nextInt(4)) {
            case 0 -> random.nextInt(Math.min(fields, 32 * 24 / width));
            case 1 -> fields - 1 - random.nextInt(Math.min(fields, 600 / width));
            default -> random.nextInt(fields);
        };
        int unaligned = structure.kind.startsWith("slot") ? 0 : random.nextInt(2);
        int at = Math.max(from, field * width + unaligned * random.nextInt(width));
        return Math.min(at, structure.length - width);
    }

    private static long interesting(long old, Random random) {
        long[] values = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, Integer.MAX_VALUE,
            0xFFFFFFFFL, old + 1, old - 1, -old, old * 2, old ^ 1L << random.nextInt(64),
            random.nextInt(300), random.nextInt(256) * (long) BLOCK, 1L << random.nextInt(64),
            (1L << random.nextInt(64)) - 1, (64L << 40) / BLOCK, (64L << 40) / BLOCK - 1,
            random.nextLong()};
        return values[random.nextInt(values.length)];
    }

    private static long get(byte[] image, int at, int width) {
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= (image[at + i] & 0xFFL) << 8 * i;
        }
        return value;
    }

    private static void put(byte[] image, int at, int width, long value) {
        for (int i = 0; i < width; i++) {
            image[at + i] = (byte) (value >>> 8 * i);
        }
    }

    /** How opening a volume ended, and what it then held. */
    record Outcome(boolean checkedClean, HoldfastException refusal, String content) {
        boolean isRefused() {
            return refusal != null;
        }
    }

    /**
     * Checks, opens, reads and closes whatever is on the device. Anything but success or a
     * {@link HoldfastException} is an {@link AssertionError}.
     */
    static Outcome run(FuzzDevice device, Supplier<String> what) {
        boolean clean = false;
        try {
            clean = Volume.check(device).isClean();
        } catch (HoldfastException refused) {
            requireMessage(refused);
        } catch (Throwable t) {
            throw failure("check", what, t);
        }
        try {
            String content;
            Volume volume = Volume.open(device, SampleVolume.options(7));
            try {
                content = SampleVolume.describe(volume);
                if (clean && content.hashCode() % 8 == 0) {
                    requireStillClean(Volume.check(device));
                }
            } finally {
                volume.close();
            }
            return new Outcome(clean, null, content);
        } catch (HoldfastException refused) {
            requireMessage(refused);
            if (clean) {
                throw failure("opening what check found clean", what, refused);
            }
            return new Outcome(false, refused, null);
        } catch (Throwable t) {
            throw failure("open", what, t);
        }
    }

    private static void requireStillClean(CheckReport report) {
        if (!report.isClean()) {
            throw new AssertionError("clean before, but once opened: " + report.findings());
        }
    }

    private static void requireMessage(HoldfastException refused) {
        if (refused.getMessage() == null || refused.getMessage().isBlank()) {
            throw new AssertionError("refused without a reason", refused);
        }
    }

    private static AssertionError failure(String step, Supplier<String> what, Throwable cause) {
        return new AssertionError(step + ": " + what.get(), cause);
    }

    /** Returns images of one volume: closed; not closed, with a log; and with work left to do. */
    static List<byte[]> images() throws IOException {
        List<byte[]> images = new ArrayList<>();
        FuzzDevice device = new FuzzDevice(SampleVolume.SIZE_BYTES);
        SampleVolume.closed(device, 1);
        images.add(device.image());
        try (Volume volume = Volume.create(device, SampleVolume.options(2))) {
            SampleVolume.fill(volume);
            volume.sync();
            images.add(device.image());
            volume.checkpoint();
            volume.createDirectory("/after");
            try (DaxFile held = volume.openFile("/dir/cut")) {
                volume.unlink("/dir/cut");
                volume.sync();
                images.add(device.image());
                held.size();
            }
        }
        return images;
    }
}
