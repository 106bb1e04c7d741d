package dev.holdfast.explore.model;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.dax.FaultTracer;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.medium.Recorder;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs operations on a new volume, records them, and gives for each part between two crashes what
 * judges every crash there.
 *
 * <ol>
 * <li>the volume is made and prepared; that is durable and not recorded;
 * <li>operations, each compared with the model as it returns;
 * <li>an {@link Op.Crash} ends a part: the power goes, by the fate it names, the volume is
 *     recovered, and the next part begins with that recovery.
 * </ol>
 */
public final class ScriptRun implements AutoCloseable {
    private final Lab lab;
    private final FaultTracer tracer;
    private final Lab.Clock clock = new Lab.Clock();
    private final Model model;
    private final long emptyFreeBytes;
    private final List<Step> steps = new ArrayList<>();
    private final List<Recorded> parts = new ArrayList<>();
    private TracedDevice device;
    private ManualBackground background;
    private Volume volume;
    private Player player;
    private Recorder recorder;
    /** Steps before the part that is being recorded. */
    private int stepsBefore;
    private long from;
    private int mounts;

    private ScriptRun(Lab lab, FaultTracer tracer) throws IOException {
        this.lab = lab;
        this.tracer = tracer;
        this.model = new Model(lab.policy());
        this.device = TracedDevice.create(lab.sizeBytes(), lab.unit());
        this.background = new ManualBackground();
        this.volume = Volume.create(device, options());
        this.player = new Player(volume, model);
        this.emptyFreeBytes = volume.space().freeBytes();
    }

    private VolumeOptions options() {
        return VolumeLab.withTracer(lab.options(background, clock, mounts++), tracer);
    }

    /**
     * Records a script.
     *
     * @param setup operations that are durable before the recording begins
     * @param ops what is recorded
     * @param known how many of these are explored elsewhere: crashes are of interest after them
     * @throws dev.holdfast.explore.Violation the volume is wrong without any crash
     */
    public static List<Recorded> record(Lab lab, List<Op> setup, List<Op> ops, int known)
            throws IOException {
        try (ScriptRun run = new ScriptRun(lab, FaultTracer.NONE)) {
            run.prepare(setup);
            run.start();
            for (int i = 0; i < ops.size(); i++) {
                if (i == known && i > 0) {
                    run.from = run.recorder.position() + 1;
                }
                run.step(ops.get(i));
            }
            run.stop();
            return run.parts;
        }
    }

    /**
     * Records threads, each with its operations, whose turns are drawn by a seed.
     *
     * @param setup operations that are durable before the recording begins
     */
    public static Recorded recordThreads(Lab lab, List<Op> setup, List<List<Op>> threads, long seed)
            throws IOException {
        Turns turns = new Turns(seed);
        try (ScriptRun run = new ScriptRun(lab, turns)) {
            run.prepare(setup);
            run.start();
            List<Turns.Body> bodies = new ArrayList<>();
            for (List<Op> ops : threads) {
                bodies.add(() -> {
                    for (Op op : ops) {
                        run.step(op);
                        turns.step();
                    }
                });
            }
            turns.run(bodies);
            return run.stopThreads();
        }
    }

    private Recorded stopThreads() {
        List<Step.Done> setup = new ArrayList<>();
        List<Step.Done> byOperation = new ArrayList<>();
        for (Step step : steps) {
            Step.Done done = (Step.Done) step;
            if (done.operation() < 0) {
                setup.add(done);
            } else {
                while (byOperation.size() <= done.operation()) {
                    byOperation.add(null);
                }
                byOperation.set(done.operation(), done);
            }
        }
        Judge judge = new ThreadsJudge(lab.policy(), emptyFreeBytes, setup, byOperation);
        return new Recorded(recorder.stop(reopening()), judge, 0);
    }

    private VolumeOptions reopening() {
        return lab.options(new ManualBackground(), clock, mounts);
    }

    /** Returns those operations that make sense after others which do, space allowing. */
    public static List<Op> allowed(Lab lab, List<Op> before, List<Op> candidates) {
        Model model = new Model(lab.policy());
        before.forEach(model::apply);
        return candidates.stream().filter(model::allows).toList();
    }

    private void prepare(List<Op> setup) throws IOException {
        for (Op op : setup) {
            step(op);
        }
        step(new Op.Sync());
    }

    private void start() {
        stepsBefore = steps.size();
        from = 0;
        recorder = Recorder.start(device);
    }

    private void stop() {
        Judge judge = new ModelJudge(lab.policy(), emptyFreeBytes, List.copyOf(steps), stepsBefore);
        parts.add(new Recorded(recorder.stop(reopening()), judge, from));
        recorder = null;
    }

    private void step(Op op) throws IOException {
        clock.nanos += 1_000_000;
        if (op instanceof Op.Crash crash) {
            crash(crash);
            return;
        }
        int operation = recorder == null ? -1 : recorder.begin(op.toString());
        Player.Played played = play(op);
        if (recorder != null) {
            recorder.end(operation);
        }
        long durableLsn = volume.durableLsn();
        model.requireDurable(durableLsn);
        steps.add(new Step.Done(operation, played, volume.changeLsn(), durableLsn));
    }

    private Player.Played play(Op op) throws IOException {
        return switch (op) {
            case Op.Tick tick -> background(tick, background::tick);
            case Op.Work work -> background(work, () -> {
                while (background.runOne()) {
                    // Work may request more.
                }
            });
            case Op.Remount remount -> {
                player.close();
                volume.close();
                open();
                yield apply(remount);
            }
            default -> player.play(op);
        };
    }

    private Player.Played background(Op op, Runnable work) throws IOException {
        work.run();
        // Background work reports to nobody: the next caller is told.
        volume.awaitDurable(volume.durableLsn());
        return apply(op);
    }

    private Player.Played apply(Op op) {
        Player.Played played = new Player.Played(op, model.newGeneration(), null, null);
        played.begin(model);
        model.complete();
        model.completed(volume.changeLsn());
        return played;
    }

    private void open() throws IOException {
        background = new ManualBackground();
        volume = Volume.open(device, options());
        player = new Player(volume, model);
    }

    private void crash(Op.Crash crash) throws IOException {
        stop();
        // The old volume lets go of its mappings on the old device: that may store to it.
        TracedDevice image = device.crashImage(lab.fate(crash.seed()));
        close();
        device = image;
        open();
        Observed found = Observed.of(volume);
        Step.Recovered recovered = new Step.Recovered(found);
        recovered.apply(model);
        steps.add(recovered);
        volume.sync();
        start();
    }

    @Override
    public void close() {
        player.close();
        device.close();
    }
}
