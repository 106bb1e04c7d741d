package dev.holdfast.explore.junit;

import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Exploration.Found;
import dev.holdfast.explore.Exploration.InFlight;
import dev.holdfast.explore.Operation;
import dev.holdfast.explore.agent.Forces;
import dev.holdfast.explore.medium.Recording;
import dev.holdfast.explore.medium.Trace.Stack.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Says in words what a power cut broke: a heading a line, what belongs to it indented below. */
final class FailureText {
    private static final int MAX_LISTED = 8;

    private final StringBuilder text = new StringBuilder();
    private final Recording recording;
    private final Found found;
    private final CallSites sites;

    FailureText(Recording recording, Found found) {
        this.recording = recording;
        this.found = found;
        this.sites = new CallSites(recording.trace());
    }

    /** Says where the power was cut. */
    FailureText crash(String test, AckLog acks) {
        CrashPoint point = found.point();
        text.append("a power cut breaks ").append(test).append("\n\n  Crash");
        String after = Remedy.label(recording.trace(), acks.lastPosition(point));
        Object next = acks.next(point);
        List<String> between = new ArrayList<>();
        if (after != null) {
            between.add("after " + after);
        }
        if (next != null) {
            between.add("before ack " + next);
        }
        line(between.isEmpty() ? "nothing was ever acknowledged" : String.join(", ", between));
        for (Operation operation : point.inProgress()) {
            line("during " + operation.label());
        }
        CallSites.Site persist = sites.nextPersist(point.position());
        if (point.kind() == CrashPoint.Kind.END) {
            line("when the workload had returned");
        } else if (persist != null) {
            line("just before the persist at");
            frames(persist);
        }
        text.append("\n  Wrong");
        found.message().lines().filter(words -> !words.isBlank()).forEach(this::line);
        return this;
    }

    /** Says what was lost, and what was not. */
    FailureText lost(InFlight inFlight) {
        text.append("\n  Lost");
        if (inFlight.lost().isEmpty()) {
            line("nothing: all that was stored by then had reached the medium, so no call that"
                    + " makes something durable would have helped");
            return this;
        }
        for (LostRange range : LostRange.of(inFlight.lost())) {
            line(range + (range.stale() ? ": shows an earlier store" : ""));
            origin(range);
        }
        List<LostRange> kept = LostRange.of(inFlight.kept());
        text.append("\n  Kept");
        if (kept.isEmpty()) {
            line("everything that had been persisted; nothing else was in flight");
        } else {
            line("everything that had been persisted, and of what was in flight");
            kept.stream().limit(MAX_LISTED).forEach(range -> line("  " + range));
            if (kept.size() > MAX_LISTED) {
                line("  and " + (kept.size() - MAX_LISTED) + " more");
            }
        }
        return this;
    }

    private void origin(LostRange range) {
        // What a recovery or a continuation stored is nobody's line of code.
        if (!isOfTheRun()) {
            return;
        }
        CallSites.Site site = sites.storing(
                range.deviceOffset(), range.lengthBytes(), found.point().position());
        if (site != null) {
            line(site.kind() == Kind.WRITABLE ? "  stored through memory that was handed out at"
                    : "  stored at");
            frames(site);
        }
        CallSites.Site persist = sites.persisting(
                range.deviceOffset(), range.lengthBytes(), found.point().position());
        if (persist == null) {
            if (range.isFileData()) {
                line("  never made durable before");
            }
        } else {
            line("  last made durable, as it was before, at");
            frames(persist);
        }
    }

    /** Tells whether the state is of a crash of the workload, and of nothing after that. */
    boolean isOfTheRun() {
        return !found.replay().contains("/recovery,") && !found.replay().contains("/append,");
    }

    /** Says which calls would have helped. */
    FailureText remedy(Remedy.Helped helped) {
        if (helped == null) {
            return this;
        }
        text.append("\n  Would have helped");
        Set<String> said = helped.added().stream()
                .sorted(Comparator.comparingLong(added -> added.what().deviceOffset()))
                .map(FailureText::remedy).collect(Collectors.toCollection(LinkedHashSet::new));
        said.stream().limit(MAX_LISTED).forEach(this::line);
        if (said.size() > MAX_LISTED) {
            line("and " + (said.size() - MAX_LISTED) + " more like these");
        }
        if (said.size() > 1 && Remedy.atOneSite(helped.added())) {
            line("all of it stored at one place");
        }
        line("with " + (said.size() == 1 ? "it" : "them") + " none of " + helped.states()
                + " states is wrong" + (helped.exhaustive() ? "" : " (a selection)"));
        return this;
    }

    private static String remedy(Remedy.Added added) {
        return (added.what().isFileData() ? "a persist of " + added.what()
                : "an fsync of the file, or a sync mapping")
                + (added.before() == null ? "" : " before " + added.before());
    }

    /** Says what was not seen. */
    private void unheard() {
        if (sites.mappedByTheJdk() && !Forces.areHeard()) {
            text.append("\n  Not seen");
            line("force() of memory that a FileChannel mapped: the JDK tells nobody of it. Run the"
                    + " test with");
            line("-javaagent: and the jar of holdfast-explore");
        }
    }

    /** Says how to see it again, and what was explored. */
    String end(String replayCommand, String explored) {
        unheard();
        text.append("\n  Replay");
        line(replayCommand);
        text.append("\n  Explored");
        line(explored);
        return text.toString();
    }

    private void frames(CallSites.Site site) {
        site.frames().forEach(frame -> line("    at " + frame));
    }

    private void line(String words) {
        text.append("\n    ").append(words);
    }
}
