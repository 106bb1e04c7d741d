package dev.holdfast.cli.io;

import static dev.holdfast.cli.io.IoOps.checkNotNegative;
import static dev.holdfast.cli.io.IoOps.checkPath;
import static dev.holdfast.cli.io.IoOps.checkPositive;
import static dev.holdfast.cli.io.IoOps.checkRange;

import java.util.OptionalLong;

/**
 * One operation of an {@code io} script. Offsets and lengths are in bytes. An operation is valid by
 * construction: its canonical constructor throws {@link IllegalArgumentException} where the script
 * reader would complain. {@code toString} gives the line that reads back as an equal operation, so
 * that a failing sequence can be printed and run again.
 */
public sealed interface IoOp {
    /** The byte {@code pwrite} and {@code mwrite} fill with when none is given. */
    int DEFAULT_FILL = 0xcd;

    /** What a mapping is made with. */
    enum MapKind { SYNC, SHARED, PRIVATE }

    /** What {@code falloc} does besides allocating. */
    enum AllocateMode {
        /** Extends the file where the range passes its end. */
        EXTEND,
        /** Leaves the size alone ({@code -k}). */
        KEEP_SIZE,
        /** Extends the file, and leaves written zeroes, not unwritten extents ({@code -w}). */
        WRITE_ZEROES
    }

    /** What {@code rename} does with an existing target. */
    enum RenameMode {
        /** Replaces it. */
        REPLACE,
        /** Fails ({@code -n}). */
        NO_REPLACE,
        /** Swaps the two ({@code -x}). */
        EXCHANGE
    }

    /** What {@code seek} looks for. */
    enum SeekKind { DATA, HOLE }

    /** Creates an empty file. */
    record Creat(String path) implements IoOp {
        /** Checks the path. */
        public Creat {
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("creat").word(path).end();
        }
    }

    /** Creates a directory. */
    record Mkdir(String path) implements IoOp {
        /** Checks the path. */
        public Mkdir {
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("mkdir").word(path).end();
        }
    }

    /** Writes {@code length} bytes of value {@code fill} through the file interface. */
    record PWrite(String path, long offset, long length, int fill) implements IoOp {
        /** Checks path, range and byte. */
        public PWrite {
            checkPath(path);
            checkRange(offset, length);
            IoOps.checkByte(fill);
        }

        @Override
        public String toString() {
            return IoOps.line("pwrite").word(path).size(offset).size(length).fill(fill).end();
        }
    }

    /** Reads through the file interface. */
    record PRead(String path, long offset, long length) implements IoOp {
        /** Checks path and range. */
        public PRead {
            checkPath(path);
            checkRange(offset, length);
        }

        @Override
        public String toString() {
            return IoOps.line("pread").word(path).size(offset).size(length).end();
        }
    }

    /** Maps a range; later {@code m…} operations on the file go through its newest mapping. */
    record MMap(String path, long offset, long length, MapKind kind) implements IoOp {
        /** Checks path and range; an empty mapping is refused. */
        public MMap {
            checkPath(path);
            checkPositive(length);
            checkRange(offset, length);
        }

        @Override
        public String toString() {
            return IoOps.line("mmap").word(path).size(offset).size(length)
                    .option(kind != MapKind.SHARED, "-s " + IoOps.lower(kind)).end();
        }
    }

    /** Stores {@code length} bytes of value {@code fill} through a mapping. */
    record MWrite(String path, long offset, long length, int fill) implements IoOp {
        /** Checks path, range and byte. */
        public MWrite {
            checkPath(path);
            checkRange(offset, length);
            IoOps.checkByte(fill);
        }

        @Override
        public String toString() {
            return IoOps.line("mwrite").word(path).size(offset).size(length).fill(fill).end();
        }
    }

    /** Loads through a mapping. */
    record MRead(String path, long offset, long length) implements IoOp {
        /** Checks path and range. */
        public MRead {
            checkPath(path);
            checkRange(offset, length);
        }

        @Override
        public String toString() {
            return IoOps.line("mread").word(path).size(offset).size(length).end();
        }
    }

    /** Persists the stores to a mapped range, and no metadata. */
    record Persist(String path, long offset, long length) implements IoOp {
        /** Checks path and range. */
        public Persist {
            checkPath(path);
            checkRange(offset, length);
        }

        @Override
        public String toString() {
            return IoOps.line("persist").word(path).size(offset).size(length).end();
        }
    }

    /** Syncs the whole of a mapping. */
    record MSync(String path) implements IoOp {
        /** Checks the path. */
        public MSync {
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("msync").word(path).end();
        }
    }

    /** Makes a file's data and metadata durable. */
    record FSync(String path) implements IoOp {
        /** Checks the path. */
        public FSync {
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("fsync").word(path).end();
        }
    }

    /** Makes a file's data durable, and the metadata that finds it. */
    record FDataSync(String path) implements IoOp {
        /** Checks the path. */
        public FDataSync {
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("fdatasync").word(path).end();
        }
    }

    /** Makes the whole volume durable. */
    record Sync() implements IoOp {
        @Override
        public String toString() {
            return "sync";
        }
    }

    /** Sets a file's size. */
    record Truncate(String path, long length) implements IoOp {
        /** Checks path and size. */
        public Truncate {
            checkPath(path);
            checkNotNegative(length);
        }

        @Override
        public String toString() {
            return IoOps.line("truncate").word(path).size(length).end();
        }
    }

    /** Allocates a range. */
    record FAlloc(String path, long offset, long length, AllocateMode mode) implements IoOp {
        /** Checks path and range; an empty range is refused. */
        public FAlloc {
            checkPath(path);
            checkPositive(length);
            checkRange(offset, length);
        }

        @Override
        public String toString() {
            return IoOps.line("falloc").word(path).size(offset).size(length)
                    .option(mode == AllocateMode.KEEP_SIZE, "-k")
                    .option(mode == AllocateMode.WRITE_ZEROES, "-w").end();
        }
    }

    /** Makes a range a hole. */
    record FPunch(String path, long offset, long length) implements IoOp {
        /** Checks path and range; an empty range is refused. */
        public FPunch {
            checkPath(path);
            checkPositive(length);
            checkRange(offset, length);
        }

        @Override
        public String toString() {
            return IoOps.line("fpunch").word(path).size(offset).size(length).end();
        }
    }

    /** Makes a range read as zeroes, its blocks kept. */
    record FZero(String path, long offset, long length) implements IoOp {
        /** Checks path and range; an empty range is refused. */
        public FZero {
            checkPath(path);
            checkPositive(length);
            checkRange(offset, length);
        }

        @Override
        public String toString() {
            return IoOps.line("fzero").word(path).size(offset).size(length).end();
        }
    }

    /** Gives a file a second name. */
    record Link(String existing, String path) implements IoOp {
        /** Checks the paths. */
        public Link {
            checkPath(existing);
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("link").word(existing).word(path).end();
        }
    }

    /** Creates a symbolic link at {@code path} to {@code target}. */
    record Symlink(String target, String path) implements IoOp {
        /** Checks the paths. */
        public Symlink {
            checkPath(target);
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("symlink").word(target).word(path).end();
        }
    }

    /** Moves a name. */
    record Rename(String from, String to, RenameMode mode) implements IoOp {
        /** Checks the paths. */
        public Rename {
            checkPath(from);
            checkPath(to);
        }

        @Override
        public String toString() {
            return IoOps.line("rename").word(from).word(to)
                    .option(mode == RenameMode.NO_REPLACE, "-n")
                    .option(mode == RenameMode.EXCHANGE, "-x").end();
        }
    }

    /** Removes a name of a file. */
    record Unlink(String path) implements IoOp {
        /** Checks the path. */
        public Unlink {
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("unlink").word(path).end();
        }
    }

    /** Removes an empty directory. */
    record Rmdir(String path) implements IoOp {
        /** Checks the path. */
        public Rmdir {
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("rmdir").word(path).end();
        }
    }

    /** Sets an extended attribute to the UTF-8 bytes of {@code value}, which may be empty. */
    record SetFAttr(String path, String name, String value) implements IoOp {
        /** Checks path and name. */
        public SetFAttr {
            checkPath(path);
            IoOps.checkName(name);
        }

        @Override
        public String toString() {
            return IoOps.line("setfattr").word(path).word(name).word(value).end();
        }
    }

    /** Removes an extended attribute. */
    record RmFAttr(String path, String name) implements IoOp {
        /** Checks path and name. */
        public RmFAttr {
            checkPath(path);
            IoOps.checkName(name);
        }

        @Override
        public String toString() {
            return IoOps.line("rmfattr").word(path).word(name).end();
        }
    }

    /** Looks for the next data or hole at or past an offset. */
    record Seek(String path, SeekKind kind, long offset) implements IoOp {
        /** Checks path and offset. */
        public Seek {
            checkPath(path);
            checkNotNegative(offset);
        }

        @Override
        public String toString() {
            return IoOps.line("seek").word(path).word(IoOps.lower(kind)).size(offset).end();
        }
    }

    /** Lists a file's extents. */
    record FieMap(String path) implements IoOp {
        /** Checks the path. */
        public FieMap {
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("fiemap").word(path).end();
        }
    }

    /** Shows a file's attributes. */
    record Stat(String path) implements IoOp {
        /** Checks the path. */
        public Stat {
            checkPath(path);
        }

        @Override
        public String toString() {
            return IoOps.line("stat").word(path).end();
        }
    }

    /** Writes a checkpoint. */
    record Checkpoint() implements IoOp {
        @Override
        public String toString() {
            return "checkpoint";
        }
    }

    /**
     * Cuts the power and recovers; the seed, where given, picks which stores reached the medium.
     */
    record Crash(OptionalLong seed) implements IoOp {
        @Override
        public String toString() {
            return seed.isPresent() ? "crash -s " + seed.getAsLong() : "crash";
        }
    }
}
