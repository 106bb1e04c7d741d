package dev.holdfast.explore.medium;

import dev.holdfast.VolumeOptions;
import dev.holdfast.device.TracedDevice;

/** Records what a workload stores to a traced device and persists. */
public final class Recorder {
    private Recorder() {}

    /** Begins to record: what the device holds now counts as durable. */
    public static Recorder start(TracedDevice device) {
        return start(device, false);
    }

    /** Begins to record, with the stacks of persists and of hand-outs of memory if wanted. */
    public static Recorder start(TracedDevice device, boolean stacks) {
        throw new UnsupportedOperationException();
    }

    /** Marks the begin of an operation; returns its number. */
    public int begin(String label) {
        throw new UnsupportedOperationException();
    }

    /** Marks that an operation has returned; returns the position at which that is known. */
    public long end(int operation) {
        throw new UnsupportedOperationException();
    }

    /** Puts a note into the trace; returns the position at which it has happened. */
    public long mark(String label) {
        throw new UnsupportedOperationException();
    }

    /** Returns the position: how many events have happened. */
    public long position() {
        throw new UnsupportedOperationException();
    }

    /** Looks for stores made through memory that was handed out, as every persist does. */
    public void observe() {
        throw new UnsupportedOperationException();
    }

    /** Ends recording. */
    public Recording stop(VolumeOptions reopening) {
        throw new UnsupportedOperationException();
    }
}
