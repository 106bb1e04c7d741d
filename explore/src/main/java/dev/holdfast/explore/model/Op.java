package dev.holdfast.explore.model;

import dev.holdfast.MapMode;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.RenameMode;
import java.util.List;
import java.util.Locale;

/**
 * One step of a crash test. {@code toString} is a line of an {@code io} script; what a script
 * cannot say is a comment in it.
 */
public sealed interface Op {
    record Creat(String path) implements Op {
        @Override
        public String toString() {
            return "creat " + path;
        }
    }

    record Mkdir(String path) implements Op {
        @Override
        public String toString() {
            return "mkdir " + path;
        }
    }

    record Pwrite(String path, long offset, int length, int fill) implements Op {
        @Override
        public String toString() {
            return "pwrite " + path + " " + offset + " " + length + " -S " + fill;
        }
    }

    record Append(String path, int length, int fill) implements Op {
        @Override
        public String toString() {
            return "# append " + path + " " + length + " -S " + fill;
        }
    }

    record Pread(String path, long offset, int length) implements Op {
        @Override
        public String toString() {
            return "pread " + path + " " + offset + " " + length;
        }
    }

    record Mmap(String path, long offset, long length, MapMode mode) implements Op {
        @Override
        public String toString() {
            return "mmap " + path + " " + offset + " " + length + " -s "
                    + mode.name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Stores through a mapping.
     *
     * @param huge whether the fault took blocks for the whole huge page, as it may
     */
    record Mwrite(String path, long offset, int length, int fill, boolean huge) implements Op {
        /** Creates a store as it is asked for. */
        public Mwrite(String path, long offset, int length, int fill) {
            this(path, offset, length, fill, false);
        }

        @Override
        public String toString() {
            return "mwrite " + path + " " + offset + " " + length + " -S " + fill;
        }
    }

    record Mread(String path, long offset, int length) implements Op {
        @Override
        public String toString() {
            return "mread " + path + " " + offset + " " + length;
        }
    }

    record Persist(String path, long offset, int length) implements Op {
        @Override
        public String toString() {
            return "persist " + path + " " + offset + " " + length;
        }
    }

    record Msync(String path) implements Op {
        @Override
        public String toString() {
            return "msync " + path;
        }
    }

    record Fsync(String path) implements Op {
        @Override
        public String toString() {
            return "fsync " + path;
        }
    }

    record Fdatasync(String path) implements Op {
        @Override
        public String toString() {
            return "fdatasync " + path;
        }
    }

    record Sync() implements Op {
        @Override
        public String toString() {
            return "sync";
        }
    }

    record Truncate(String path, long size) implements Op {
        @Override
        public String toString() {
            return "truncate " + path + " " + size;
        }
    }

    record Falloc(String path, long offset, long length, AllocateMode mode) implements Op {
        @Override
        public String toString() {
            return "falloc " + path + " " + offset + " " + length + switch (mode) {
                case UNWRITTEN -> "";
                case UNWRITTEN_KEEP_SIZE -> " -k";
                case WRITTEN -> " -w";
            };
        }
    }

    record Fpunch(String path, long offset, long length) implements Op {
        @Override
        public String toString() {
            return "fpunch " + path + " " + offset + " " + length;
        }
    }

    record Fzero(String path, long offset, long length) implements Op {
        @Override
        public String toString() {
            return "fzero " + path + " " + offset + " " + length;
        }
    }

    record Link(String existing, String path) implements Op {
        @Override
        public String toString() {
            return "link " + existing + " " + path;
        }
    }

    record Symlink(String target, String path) implements Op {
        @Override
        public String toString() {
            return "symlink " + target + " " + path;
        }
    }

    record Rename(String from, String to, RenameMode mode) implements Op {
        @Override
        public String toString() {
            return "rename " + from + " " + to + switch (mode) {
                case REPLACE -> "";
                case NO_REPLACE -> " -n";
                case EXCHANGE -> " -x";
            };
        }
    }

    record Unlink(String path) implements Op {
        @Override
        public String toString() {
            return "unlink " + path;
        }
    }

    record Rmdir(String path) implements Op {
        @Override
        public String toString() {
            return "rmdir " + path;
        }
    }

    record Setfattr(String path, String name, String value) implements Op {
        @Override
        public String toString() {
            return "setfattr " + path + " " + name + " " + value;
        }
    }

    record Rmfattr(String path, String name) implements Op {
        @Override
        public String toString() {
            return "rmfattr " + path + " " + name;
        }
    }

    record Seek(String path, boolean data, long offset) implements Op {
        @Override
        public String toString() {
            return "seek " + path + (data ? " data " : " hole ") + offset;
        }
    }

    /** Compares the extents, and everything else of the file, with the model's. */
    record Fiemap(String path) implements Op {
        @Override
        public String toString() {
            return "fiemap " + path;
        }
    }

    record Stat(String path) implements Op {
        @Override
        public String toString() {
            return "stat " + path;
        }
    }

    record Checkpoint() implements Op {
        @Override
        public String toString() {
            return "checkpoint";
        }
    }

    record Chmod(String path, int mode) implements Op {
        @Override
        public String toString() {
            return "# chmod " + path + " 0" + Integer.toOctalString(mode);
        }
    }

    /** Runs the background once: commits, checkpoints, zeroing ahead. */
    record Tick() implements Op {
        @Override
        public String toString() {
            return "# background work";
        }
    }

    /**
     * Runs the background work that was asked for, without the commit that goes before in a tick.
     */
    record Work() implements Op {
        @Override
        public String toString() {
            return "# background work that was asked for";
        }
    }

    /** Closes and opens again, in order. */
    record Remount() implements Op {
        @Override
        public String toString() {
            return "# close and open";
        }
    }

    /**
     * Cuts the power at the barrier after the next {@code barriers}; the next crash draws from
     * that.
     */
    record PowerOff(int barriers) implements Op {
        @Override
        public String toString() {
            return "# power off after " + barriers + " barriers";
        }
    }

    /**
     * Crashes and recovers.
     *
     * @param seed of the fate of lines
     * @param recoveryBarriers for each recovery that crashes too, the barriers before it does
     */
    record Crash(long seed, List<Integer> recoveryBarriers) implements Op {
        @Override
        public String toString() {
            return "crash -s " + seed + (recoveryBarriers.isEmpty() ? ""
                    : " # recovery crashes after barriers " + recoveryBarriers);
        }
    }
}
