package dev.holdfast.cli;

import dev.holdfast.cli.copy.Copied;
import dev.holdfast.cli.text.Report;

/** Reports what was copied. */
final class CopyText {
    private CopyText() {}

    static Report report(Copied copied) {
        return new Report()
                .count("files", copied.files())
                .count("directories", copied.directories())
                .count("links", copied.links())
                .size("copiedBytes", copied.bytes());
    }
}
