package dev.holdfast.explore.workload;

import dev.holdfast.device.TracedDevice.Unit;
import dev.holdfast.explore.Bounds;
import dev.holdfast.explore.Exploration;
import dev.holdfast.explore.Explorer;
import dev.holdfast.explore.Progress;
import dev.holdfast.explore.Violation;
import dev.holdfast.explore.medium.Trace;
import dev.holdfast.explore.model.Recorded;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Explores workloads, case by case, within common bounds of states, time and violations. One
 * thread.
 */
public final class Campaign {
    /** Hears how a workload gets on, some times a second. */
    @FunctionalInterface
    public interface Listener {
        /** Hears nothing. */
        Listener NONE = (workload, casesDone, states, violations) -> {};

        /** So many of the cases are done, with so many states explored and violations found. */
        void at(Workload workload, long casesDone, long states, int violations);
    }

    private static final long LISTEN_NANOS = 200_000_000;

    private final Bounds bounds;
    private final Mutants mutants;
    private final Listener listener;
    private final long begin = System.nanoTime();
    private long states;
    private int violations;
    private long nextListening;

    /**
     * Begins a campaign: its time runs from now.
     *
     * @param bounds of all workloads together, as for states, time and violations
     */
    public Campaign(Bounds bounds, Mutants mutants, Listener listener) {
        this.bounds = bounds;
        this.mutants = mutants;
        this.listener = listener;
    }

    /** Tells whether a bound has been reached. */
    public boolean isOver() {
        return states >= bounds.maxStates() || violations >= bounds.maxViolations()
                || elapsed() >= bounds.budget().toNanos();
    }

    private long elapsed() {
        return System.nanoTime() - begin;
    }

    /** Explores a workload as far as the bounds go. */
    public Outcome explore(Workload workload) throws IOException {
        Outcome outcome = new Outcome(workload);
        long started = System.nanoTime();
        List<? extends Case> cases = workload.cases();
        try (Devices devices = new Devices()) {
            for (int i = 0; i < cases.size() && !isOver(); i++) {
                explore(devices, workload, i, outcome);
                tell(workload, outcome);
            }
        }
        outcome.took(System.nanoTime() - started);
        return outcome;
    }

    /** The explorer of the last recording, kept for the next of the same size and unit. */
    private static final class Devices implements AutoCloseable {
        private Explorer explorer;
        private long sizeBytes;
        private Unit unit;

        Explorer of(Trace trace) throws IOException {
            if (explorer == null || trace.sizeBytes() != sizeBytes || trace.unit() != unit) {
                close();
                explorer = new Explorer(trace.sizeBytes(), trace.unit());
                sizeBytes = trace.sizeBytes();
                unit = trace.unit();
            }
            return explorer;
        }

        @Override
        public void close() {
            if (explorer != null) {
                explorer.close();
                explorer = null;
            }
        }
    }

    private void tell(Workload workload, Outcome outcome) {
        long now = System.nanoTime();
        if (now >= nextListening) {
            nextListening = now + LISTEN_NANOS;
            listener.at(workload, outcome.casesDone(), states, violations);
        }
    }

    private void explore(Devices devices, Workload workload, int index, Outcome outcome)
            throws IOException {
        Case run = workload.cases().get(index);
        List<Recorded> parts;
        try {
            parts = run.record(mutants);
        } catch (IOException | RuntimeException | AssertionError wrong) {
            violations++;
            outcome.add(new Finding(workload.name(), run.text(), "without any crash",
                    message(wrong), "", Replay.line(workload, index, 0, ""), outcome.states()));
            outcome.caseDone();
            return;
        }
        for (int part = 0; part < parts.size() && !isOver(); part++) {
            explorePart(devices, workload, index, part, parts.get(part), outcome);
        }
        if (!isOver()) {
            outcome.caseDone();
        }
    }

    private static String message(Throwable wrong) {
        return wrong instanceof Violation ? wrong.getMessage() : wrong.toString();
    }

    private void explorePart(Devices devices, Workload workload, int index, int part,
            Recorded recorded, Outcome outcome) throws IOException {
        Bounds left = workload.bounds(bounds, index).fromPosition(recorded.from())
                .maxStates(bounds.maxStates() - states)
                .maxViolations(1)
                .budget(Duration.ofNanos(Math.max(0, bounds.budget().toNanos() - elapsed())));
        long statesBefore = states;
        Progress progress = (pointsDone, points, statesDone, found) ->
                listener.at(workload, outcome.casesDone(), statesBefore + statesDone, violations);
        Exploration found = devices.of(recorded.recording().trace())
                .run(recorded.recording(), recorded.judge(), left, progress);
        for (Exploration.Found violation : found.violations()) {
            violations++;
            outcome.add(new Finding(workload.name(), workload.cases().get(index).text(),
                    violation.point().toString(), violation.message(), Finding.lost(violation),
                    Replay.line(workload, index, part, violation.replay()),
                    outcome.states() + violation.state()));
        }
        states += found.states();
        outcome.add(found);
    }

    /** Returns how many states were explored so far. */
    public long states() {
        return states;
    }

    /** Returns how long the campaign has run. */
    public long nanos() {
        return elapsed();
    }
}
