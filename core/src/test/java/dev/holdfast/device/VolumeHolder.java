package dev.holdfast.device;

import java.io.OutputStream;
import java.nio.file.Path;

/** A process that opens a device file, says so, and holds it until its input ends. */
final class VolumeHolder {
    private VolumeHolder() {}

    public static void main(String[] arguments) throws Exception {
        try (FileDevice device = FileDevice.open(Path.of(arguments[0]), false)) {
            System.out.println("open " + device.sizeBytes());
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
