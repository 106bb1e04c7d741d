package dev.holdfast.nio;

import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Objects;

/** How a file is opened: the options that a caller gave, checked and with their defaults. */
record OpenFlags(boolean read, boolean write, boolean append, boolean truncate, boolean create,
        boolean createNew, boolean deleteOnClose, Sync sync, boolean follow) {
    /** What is durable when a write returns. */
    enum Sync {
        /** Nothing but what the volume's commit policy says. */
        NONE,
        /** Data, and the metadata that finds it. */
        DATA,
        /** Data and all metadata. */
        ALL
    }

    static OpenFlags of(Collection<? extends OpenOption> options) {
        for (OpenOption option : options) {
            Objects.requireNonNull(option, "option");
            // Every access to a volume is direct, whatever the alignment.
            boolean direct = option.toString().equals("DIRECT");
            if (!(option instanceof StandardOpenOption) && !(option instanceof LinkOption)
                    && !direct) {
                throw new UnsupportedOperationException(option + " is not supported");
            }
        }
        boolean append = options.contains(StandardOpenOption.APPEND);
        boolean write = append || options.contains(StandardOpenOption.WRITE);
        boolean read = !write || options.contains(StandardOpenOption.READ);
        if (read && append) {
            throw new IllegalArgumentException("READ + APPEND not allowed");
        }
        boolean truncate = options.contains(StandardOpenOption.TRUNCATE_EXISTING);
        if (append && truncate) {
            throw new IllegalArgumentException("APPEND + TRUNCATE_EXISTING not allowed");
        }
        Sync sync = options.contains(StandardOpenOption.SYNC) ? Sync.ALL
                : options.contains(StandardOpenOption.DSYNC) ? Sync.DATA : Sync.NONE;
        return new OpenFlags(read, write, append, truncate && write,
                write && options.contains(StandardOpenOption.CREATE),
                write && options.contains(StandardOpenOption.CREATE_NEW),
                options.contains(StandardOpenOption.DELETE_ON_CLOSE), sync,
                !options.contains(LinkOption.NOFOLLOW_LINKS));
    }
}
