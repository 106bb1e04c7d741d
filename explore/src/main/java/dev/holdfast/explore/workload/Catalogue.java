package dev.holdfast.explore.workload;

import dev.holdfast.CommitPolicy;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.explore.model.Lab;
import dev.holdfast.explore.model.Op;
import dev.holdfast.explore.workload.Workload.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The workloads there are, by name. */
public final class Catalogue {
    private static final int SLICE = 400;
    private static final int TRIPLES = 200;
    private static final int PAGES = 256;
    private static final int FATES = 8;
    private static final Limits FULL = new Limits(Long.MAX_VALUE, 1, false);
    private static final Limits ONE = new Limits(256, 8, false);
    private static final Limits MANY = new Limits(16, 64, false);

    private final Map<String, Supplier<Workload>> workloads = new LinkedHashMap<>();
    private final List<String> quick = new ArrayList<>();
    private final List<String> scripts = new ArrayList<>();

    /**
     * Makes the catalogue.
     *
     * @param seed draws what is sampled
     */
    public Catalogue(long seed) {
        Lab lab = Lab.small();
        add("generic-470",
                "1 MiB mapped sync, page by page stored and persisted; every point crashed",
                true, new Limits(3, 1, false), () -> List.of(new ScriptCase(
                        lab.sized(4L << 20), List.of(), Scripts.everyPage(PAGES), 0)));
        add("", Scripts.protocol(), new Limits(256, 1, false), lab);
        new TreeMap<>(Scripts.regressions()).forEach((name, script) -> {
            scripts.add("was-" + name);
            add("was-" + name, "what once failed, under some fates of the crashes in it", true,
                    new Limits(32, 4, false), () -> fates(lab, script));
        });
        add("huge-", Scripts.huge(), new Limits(64, 1, false), lab.sized(16L << 20));
        add("full-", Scripts.nearlyFull(), new Limits(64, 4, false), lab);
        add("ring-wrap", "the log's ring goes round; lines tear", true, new Limits(256, 4, true),
                () -> List.of(new ScriptCase(lab, Scripts.beforeWrap(), Scripts.wrap(), 0)));
        add("one-op", "every operation, followed by nothing or one way to make it durable", true,
                ONE, () -> Sequences.all(lab, 1));
        add("one-op-always", "the same under the policy ALWAYS", true, ONE,
                () -> Sequences.all(lab.with(CommitPolicy.ALWAYS), 1));
        add("one-op-pages", "the same on a medium of 4 KiB pages", true, ONE,
                () -> Sequences.all(lab.on(TracedDevice.Unit.PAGE), 1));
        add("two-threads", "two threads under seeded schedules", true, new Limits(128, 4, false),
                () -> ThreadCases.all(lab, seed));
        add("two-op-slice", SLICE + " of the sequences of two, drawn by the seed", true, MANY,
                () -> Sequences.sample(Sequences.all(lab, 2), SLICE, seed));
        add("three-op-slice", TRIPLES + " sequences of three, drawn by the seed", true, MANY,
                () -> Sequences.drawn(lab, 3, TRIPLES, seed));
        add("two-op", "every sequence of two operations, each followed so", false, MANY,
                () -> Sequences.all(lab, 2));
    }

    private void add(String name, String about, boolean isQuick, Limits limits,
            Supplier<List<? extends Case>> cases) {
        if (isQuick) {
            quick.add(name);
        }
        workloads.put(name, () -> new Workload(name, about, isQuick, limits, cases.get()));
    }

    private static List<ScriptCase> fates(Lab lab, List<Op> script) {
        boolean crashes = script.stream().anyMatch(Op.Crash.class::isInstance);
        return IntStream.range(0, crashes ? FATES : 1).mapToObj(fate ->
                new ScriptCase(lab, List.of(), Scripts.withFate(script, fate), 0)).toList();
    }

    private void add(String prefix, Map<String, List<Op>> scripts, Limits limits, Lab lab) {
        new TreeMap<>(scripts).forEach((name, script) -> {
            this.scripts.add(prefix + name);
            add(prefix + name, "a script", true, limits,
                    () -> List.of(new ScriptCase(lab, List.of(), script, 0)));
        });
    }

    /** Returns the names, in the order of running. */
    public List<String> names() {
        return List.copyOf(workloads.keySet());
    }

    /** Returns the names of those that take seconds, not minutes. */
    public List<String> quickNames() {
        return List.copyOf(quick);
    }

    /** Returns the names of those that are one script each. */
    List<String> scriptNames() {
        return List.copyOf(scripts);
    }

    /** Returns a workload, or null if there is none of that name. */
    public Workload named(String name) {
        Supplier<Workload> made = workloads.get(name);
        return made == null ? null : made.get();
    }

    /** Returns a workload of one script, on a volume of a size. */
    public static Workload script(String name, List<Op> ops, long sizeBytes) {
        return new Workload(name, "a script", true, FULL,
                List.of(new ScriptCase(Lab.small().sized(sizeBytes), List.of(), ops, 0)));
    }
}
