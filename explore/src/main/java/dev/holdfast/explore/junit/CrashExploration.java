package dev.holdfast.explore.junit;

import dev.holdfast.explore.Exploration;
import dev.holdfast.explore.Exploration.Found;
import dev.holdfast.explore.Explorer;
import dev.holdfast.explore.Progress;
import dev.holdfast.explore.Violation;
import dev.holdfast.explore.junit.WatchedThread.Hung;
import dev.holdfast.explore.medium.Recording;
import dev.holdfast.explore.medium.Trace;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Explores, or replays, what was recorded for a test, and fails the test by what it finds. */
final class CrashExploration {
    private final ExtensionContext context;
    private final CrashTest config;
    private final CrashRun run;
    private final AckLog acks;
    private RecoverJudge judge;
    private boolean hung;

    CrashExploration(ExtensionContext context, CrashTestMethods methods, CrashRun run,
            AckLog acks) {
        this.context = context;
        this.config = methods.config();
        this.run = run;
        this.acks = acks;
        judge = new RecoverJudge(methods, context.getRequiredTestInstance(), acks);
    }

    /** Fails unless every state is as it must be. */
    void explore() throws Exception {
        Recording recording = run.end();
        if (!anythingStored(recording.trace())) {
            throw new CrashTestFailure(name() + " had no crash points: the workload stored nothing"
                    + " on the volume that it was given", null);
        }
        String replay = Replay.wanted(context, config);
        if (replay != null) {
            replay(recording, replay);
            return;
        }
        Exploration exploration = watched(
                () -> Explorer.explore(recording, judge, run.bounds(), Progress.NONE));
        publish(exploration);
        if (exploration.violations().isEmpty()) {
            // A report entry is not shown by everything that runs tests, and a test that passes
            // should say how much that means.
            System.out.println(name() + ": " + counts(exploration));
        } else {
            Found first = exploration.violations().getFirst();
            Found found = first;
            if (!hung) {
                Found smallest = watched(
                        () -> Explorer.smallestLoss(recording, judge, first.replay()));
                found = smallest == null ? first : smallest;
            }
            fail(recording, found, counts(exploration));
        }
    }

    private void replay(Recording recording, String line) throws Exception {
        Found found;
        try {
            found = watched(() -> Explorer.replay(recording, judge, line));
        } catch (IllegalArgumentException e) {
            throw new CrashTestFailure(name() + " cannot be replayed: " + e.getMessage() + ". The"
                    + " workload must do the same each time it runs: it was changed since, or it"
                    + " depends on time, threads, hash codes or unseeded random numbers", e);
        }
        if (found != null) {
            fail(recording, found, "one state, replayed");
        }
        context.publishReportEntry("replayed", "the recovered volume is as it must be");
    }

    /** Runs an exploration; one that a recover method holds up is run again up to there. */
    private <T> T watched(Callable<T> exploring) throws Exception {
        try {
            return WatchedThread.run(judge, config.stateLimitMillis(), exploring);
        } catch (Hung e) {
            hung = true;
            judge = judge.blaming(new Violation("the recover method did not return: "
                    + e.getMessage() + ", at " + e.getStackTrace()[0], e));
            return WatchedThread.run(judge, config.stateLimitMillis(), exploring);
        }
    }

    private void fail(Recording recording, Found found, String explored) throws Exception {
        Throwable cause = judge.thrown(found.message());
        FailureText text = new FailureText(recording, found).crash(name(), acks)
                .lost(Explorer.inFlight(recording, found.replay()));
        if (!hung && text.isOfTheRun()) {
            text.remedy(watched(() -> Remedy.find(recording, judge, run.bounds(), found)));
        }
        throw new CrashTestFailure(text.end(
                Replay.command(context.getRequiredTestClass(), found.replay()), explored), cause);
    }

    private static boolean anythingStored(Trace trace) {
        for (int event = 0; event < trace.events(); event++) {
            if (trace.event(event) == Trace.Event.STORE) {
                return true;
            }
        }
        return false;
    }

    private String name() {
        return context.getRequiredTestClass().getSimpleName();
    }

    private void publish(Exploration exploration) {
        Map<String, String> entry = new LinkedHashMap<>();
        entry.put("crashPoints", Long.toString(exploration.crashPoints()));
        entry.put("images", Long.toString(exploration.images()));
        entry.put("states", Long.toString(exploration.states()));
        entry.put("nestedStates", Long.toString(exploration.nestedStates()));
        entry.put("distinctStates", Long.toString(exploration.distinctStates()));
        entry.put("exhaustive", Boolean.toString(exploration.exhaustive()));
        if (!exploration.exhaustive()) {
            entry.put("left", exploration.left());
        }
        entry.put("violations", Integer.toString(exploration.violations().size()));
        entry.put("statesPerSecond",
                String.format(Locale.ROOT, "%.0f", exploration.statesPerSecond()));
        entry.put("seed", Long.toString(exploration.seed()));
        context.publishReportEntry(entry);
    }

    /** Says what was explored, of which model, within which bounds. */
    private String counts(Exploration exploration) {
        String states = number(exploration.states(), "state") + " of "
                + number(exploration.images(), "image") + " at "
                + number(exploration.crashPoints(), "crash point") + ", ";
        String model = config.medium().name().toLowerCase(Locale.ROOT) + "s"
                + (config.torn() ? ", torn" : "");
        if (!exploration.violations().isEmpty()) {
            return states + "up to this one";
        }
        return states + (exploration.exhaustive() ? "exhaustive under the model of " + model
                : "not exhaustive under the model of " + model + ": " + exploration.left());
    }

    private static String number(long count, String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
    }
}
