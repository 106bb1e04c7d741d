package dev.holdfast.explore.workload;

import dev.holdfast.explore.Exploration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What came of exploring a workload, summed over its cases. Not thread-safe. */
public final class Outcome {
    private final Workload workload;
    private final List<Finding> findings = new ArrayList<>();
    private final TreeSet<String> left = new TreeSet<>();
    private long casesDone;
    private long recordings;
    private long selected;
    private long crashPoints;
    private long images;
    private long states;
    private long distinctStates;
    private long nanos;

    Outcome(Workload workload) {
        this.workload = workload;
    }

    void add(Exploration exploration) {
        crashPoints += exploration.crashPoints();
        images += exploration.images();
        states += exploration.states();
        distinctStates += exploration.distinctStates();
        selected += exploration.exhaustive() ? 0 : 1;
        recordings++;
    }

    void add(Finding finding) {
        findings.add(finding);
    }

    void caseDone() {
        casesDone++;
    }

    void leave(String why) {
        left.add(why);
    }

    void took(long newNanos) {
        nanos = newNanos;
    }

    /** Returns the workload. */
    public Workload workload() {
        return workload;
    }

    /** Returns how many of its cases were explored. */
    public long casesDone() {
        return casesDone;
    }

    /** Returns the crash points looked at. */
    public long crashPoints() {
        return crashPoints;
    }

    /** Returns the images, distinct within each case. */
    public long images() {
        return images;
    }

    /** Returns the images that were mounted, checked and judged. */
    public long states() {
        return states;
    }

    /** Returns the recovered states, distinct within each case. */
    public long distinctStates() {
        return distinctStates;
    }

    /** Returns how long it took. */
    public long nanos() {
        return nanos;
    }

    /** Tells whether every image that the model allows at every crash point was explored. */
    public boolean isExhaustive() {
        return left().isEmpty();
    }

    /** Returns what was not explored, in words; empty when it was exhaustive. */
    public String left() {
        List<String> words = new ArrayList<>(left);
        if (casesDone < workload.cases().size()) {
            words.add(casesDone + " of " + workload.cases().size() + " runs");
        }
        if (selected > 0) {
            words.add("a selection of images in " + selected + " of " + recordings + " recordings");
        }
        return String.join("; ", words);
    }

    /** Returns the violations, in the order found. */
    public List<Finding> findings() {
        return List.copyOf(findings);
    }
}
