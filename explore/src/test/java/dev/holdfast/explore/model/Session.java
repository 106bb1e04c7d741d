package dev.holdfast.explore.model;

import dev.holdfast.Volume;
import dev.holdfast.device.PowerCutException;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.explore.Violation;
import dev.holdfast.file.CheckReport;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One volume and its model, through operations, remounts and crashes. A {@link Violation} is thrown
 * where the two differ.
 *
 * <ol>
 * <li>operations, each judged by what it returns;
 * <li>perhaps the power goes inside one: what follows until the crash is skipped;
 * <li>a crash: the volume is recovered, its state found among the model's; on with 1;
 * <li>{@link #finish}: everything is compared, deleted, and the space counted.
 * </ol>
 */
final class Session implements AutoCloseable {
    /** Background work logs that the power went; held, so that the level stays. */
    private static final Logger LOG = Logger.getLogger("dev.holdfast.fs");

    static {
        LOG.setLevel(Level.SEVERE);
    }

    private final Lab lab;
    private final Model model;
    private final Lab.Clock clock = new Lab.Clock();
    private final List<Op> done = new ArrayList<>();
    private final long firstFreeBytes;
    private TracedDevice device;
    private ManualBackground background;
    private Volume volume;
    private Player player;
    private boolean armed;
    private boolean off;
    private int mounts;

    Session(Lab lab) throws IOException {
        this.lab = lab;
        this.model = new Model(lab.policy());
        this.device = TracedDevice.create(lab.sizeBytes(), lab.unit());
        background = new ManualBackground();
        volume = Volume.create(device, lab.options(background, clock, mounts++));
        player = new Player(volume, model);
        firstFreeBytes = volume.space().freeBytes();
    }

    Model model() {
        return model;
    }

    Volume volume() {
        return volume;
    }

    TracedDevice device() {
        return device;
    }

    boolean isOff() {
        return off;
    }

    /** Returns what was done, for a replay. */
    List<Op> done() {
        return done;
    }

    void step(Op op) throws IOException {
        done.add(op);
        clock.nanos += 1_000_000;
        try {
            switch (op) {
                case Op.Crash crash -> crash(crash);
                case Op.PowerOff cut -> {
                    armed = true;
                    device.powerOffAfter(cut.barriers());
                }
                case Op.Tick tick -> guarded(tick, () -> background(background::tick));
                case Op.Work work -> guarded(work, () -> background(this::runRequested));
                case Op.Remount remount -> guarded(remount, this::remount);
                default -> guarded(op, () -> player.play(op));
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            throw e instanceof Violation violation ? violation
                    : new Violation(op + " failed: " + e, e);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void guarded(Op op, Step step) throws IOException {
        if (off) {
            return;
        }
        try {
            step.run();
        } catch (IOException e) {
            if (!isCut(e)) {
                throw e;
            }
            off = true;
            player.interrupted(op);
        }
    }

    /** Tells whether a failure follows from the power cut. */
    private boolean isCut(Throwable failure) {
        if (!armed) {
            return false;
        }
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof PowerCutException
                    || at instanceof HoldfastException e && e.code() == ErrorCode.SHUT_DOWN) {
                return true;
            }
        }
        return false;
    }

    private void background(Runnable work) throws IOException {
        work.run();
        // Background work reports to nobody: the next caller is told.
        volume.awaitDurable(volume.durableLsn());
    }

    private void runRequested() {
        while (background.runOne()) {
            // Work may request more.
        }
    }

    private void remount() throws IOException {
        player.close();
        try {
            volume.close();
        } catch (HoldfastException e) {
            Driver.require(e.code() != ErrorCode.BUSY, () -> "close: " + e.getMessage());
            throw e;
        }
        model.apply(new Op.Remount());
        model.completed(volume.changeLsn());
        open();
        player.driver().compareAll();
    }

    private void open() throws IOException {
        background = new ManualBackground();
        volume = null;
        volume = Volume.open(device, lab.options(background, clock, mounts++));
        player = new Player(volume, model);
    }

    private void crash(Op.Crash crash) throws IOException {
        if (volume != null) {
            model.requireDurable(volume.durableLsn());
        }
        powerOn(crash.seed());
        int crashes = 0;
        for (int barriers : crash.recoveryBarriers()) {
            device.powerOffAfter(barriers);
            armed = true;
            try {
                open();
            } catch (IOException e) {
                if (!isCut(e)) {
                    throw e;
                }
            }
            powerOn(crash.seed() + ++crashes);
        }
        open();
        Observed found = Observed.of(volume);
        model.restart(Oracle.recovered(model, found));
        found.requireNoSharedBlocks();
        check("recovered");
    }

    /** Examines the device, as a program of its own would. */
    private void check(String when) throws IOException {
        CheckReport report = Volume.check(device);
        Driver.require(!report.isDamaged(),
                () -> "the check of the volume, " + when + ": " + report);
    }

    /** Goes on with what a crash leaves of the device. */
    private void powerOn(long seed) throws IOException {
        TracedDevice image = device.crashImage(lab.fate(seed));
        letGo();
        device = image;
        armed = false;
        off = false;
        check("crashed");
    }

    private void letGo() {
        if (volume != null) {
            player.close();
        }
        device.close();
    }

    /** Compares everything, deletes everything, and looks for lost space. */
    void finish() throws IOException {
        if (armed) {
            step(new Op.Crash(mounts, List.of()));
        }
        step(new Op.Remount());
        for (String path : model.now().paths().descendingKeySet()) {
            step(model.now().find(path).isDirectory() ? new Op.Rmdir(path) : new Op.Unlink(path));
        }
        step(new Op.Remount());
        Observed.of(volume).requireSpace(volume, firstFreeBytes);
    }

    @Override
    public void close() {
        letGo();
    }
}
