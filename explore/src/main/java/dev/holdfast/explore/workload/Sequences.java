package dev.holdfast.explore.workload;

import dev.holdfast.explore.model.Lab;
import dev.holdfast.explore.model.Op;
import dev.holdfast.explore.model.ScriptRun;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Sequences of operations on the {@link SmallWorld}, each followed by nothing or by one way to make
 * it durable. They form a tree: a case explores only the crashes in its last operation, since those
 * before are its parent's.
 */
final class Sequences {
    private Sequences() {}

    /** Returns every sequence of so many operations or fewer. */
    static List<ScriptCase> all(Lab lab, int length) {
        List<ScriptCase> cases = new ArrayList<>();
        extend(lab, SmallWorld.SETUP, List.of(List.of()), length, cases);
        return cases;
    }

    /**
     * Adds what goes on from sequences that differ in how they make things durable only.
     *
     * @param bare the operations that they have in common, setup included
     */
    private static void extend(Lab lab, List<Op> bare, List<List<Op>> prefixes, int length,
            List<ScriptCase> cases) {
        if (length == 0) {
            return;
        }
        List<SmallWorld.Step> steps = SmallWorld.steps();
        List<Op> allowed = ScriptRun.allowed(lab, bare,
                steps.stream().map(SmallWorld.Step::op).toList());
        for (SmallWorld.Step step : steps) {
            if (!allowed.contains(step.op())) {
                continue;
            }
            List<Op> done = with(bare, step.op());
            List<Op> follows = ScriptRun.allowed(lab, done, step.follows());
            List<List<Op>> longer = new ArrayList<>();
            for (List<Op> prefix : prefixes) {
                List<Op> plain = with(prefix, step.op());
                longer.add(plain);
                follows.forEach(follow -> longer.add(with(plain, follow)));
            }
            longer.forEach(ops -> cases.add(
                    new ScriptCase(lab, SmallWorld.SETUP, ops, ops.size() - 1)));
            extend(lab, done, longer, length - 1, cases);
        }
    }

    private static List<Op> with(List<Op> prefix, Op op) {
        List<Op> ops = new ArrayList<>(prefix);
        ops.add(op);
        return ops;
    }

    /** Returns so many of the cases, drawn by a seed, in their order. */
    static <T> List<T> sample(List<T> cases, int count, long seed) {
        List<Integer> drawn = new ArrayList<>(cases.size());
        for (int i = 0; i < cases.size(); i++) {
            drawn.add(i);
        }
        Collections.shuffle(drawn, new Random(seed));
        return drawn.stream().limit(count).sorted().<T>map(cases::get).toList();
    }

    /** Returns sequences of so many operations, drawn by a seed; each explores its last one. */
    static List<ScriptCase> drawn(Lab lab, int length, int count, long seed) {
        Random random = new Random(seed);
        List<ScriptCase> cases = new ArrayList<>();
        while (cases.size() < count) {
            List<Op> ops = new ArrayList<>();
            int last = 0;
            for (int i = 0; i < length; i++) {
                last = ops.size();
                drawStep(lab, ops, random);
            }
            cases.add(new ScriptCase(lab, SmallWorld.SETUP, ops, last));
        }
        return cases;
    }

    private static void drawStep(Lab lab, List<Op> ops, Random random) {
        List<SmallWorld.Step> steps = SmallWorld.steps();
        SmallWorld.Step step;
        do {
            step = steps.get(random.nextInt(steps.size()));
        } while (allowed(lab, ops, List.of(step.op())).isEmpty());
        ops.add(step.op());
        List<Op> follows = allowed(lab, ops, step.follows());
        int drawn = random.nextInt(follows.size() + 1);
        if (drawn < follows.size()) {
            ops.add(follows.get(drawn));
        }
    }

    private static List<Op> allowed(Lab lab, List<Op> ops, List<Op> candidates) {
        List<Op> before = new ArrayList<>(SmallWorld.SETUP);
        before.addAll(ops);
        return ScriptRun.allowed(lab, before, candidates);
    }
}
