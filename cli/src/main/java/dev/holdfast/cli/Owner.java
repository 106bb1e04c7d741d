package dev.holdfast.cli;

import dev.holdfast.file.AttributeChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A user and a group, by number: {@code 1000:1000}.
 *
 * @param uid the user, unsigned
 * @param gid the group, unsigned
 */
record Owner(int uid, int gid) {
    /** Reads an owner from the command line. */
    static final class Converter implements ITypeConverter<Owner> {
        @Override
        public Owner convert(String text) {
            String[] numbers = text.split(":", -1);
            try {
                if (numbers.length == 2) {
                    return new Owner(Integer.parseUnsignedInt(numbers[0]),
                            Integer.parseUnsignedInt(numbers[1]));
                }
            } catch (NumberFormatException e) {
                // Said below.
            }
            throw new TypeConversionException("'" + text + "' is not UID:GID, two numbers");
        }
    }

    /** Returns who owns a file: of one just made, who made it. */
    static Owner of(Path path) throws IOException {
        return new Owner((Integer) Files.getAttribute(path, "unix:uid"),
                (Integer) Files.getAttribute(path, "unix:gid"));
    }

    AttributeChange change() {
        return new AttributeChange().uid(uid).gid(gid);
    }
}
