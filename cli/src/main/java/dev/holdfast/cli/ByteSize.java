package dev.holdfast.cli;

import dev.holdfast.cli.text.Sizes;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A size given on the command line, {@code 32MiB}, no larger than the largest volume.
 *
 * @param bytes the size in bytes
 */
public record ByteSize(long bytes) {
    /** Reads a size and refuses absurd ones with the reason. */
    static final class Converter implements ITypeConverter<ByteSize> {
        @Override
        public ByteSize convert(String text) {
            try {
                return new ByteSize(Sizes.parse(text, 0, Sizes.VOLUME_MAX_BYTES));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public String toString() {
        return Sizes.exact(bytes);
    }
}
