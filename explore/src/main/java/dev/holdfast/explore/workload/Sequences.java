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
        extend(lab, List.of(), length, cases);
        return cases;
    }

    private static void extend(Lab lab, List<Op> prefix, int length, List<ScriptCase> cases) {
        if (length == 0) {
            return;
        }
        for (SmallWorld.Step step : SmallWorld.steps()) {
            List<Op> done = with(prefix, step.op());
            if (!ScriptRun.makesSense(lab, SmallWorld.SETUP, done)) {
                continue;
            }
            for (List<Op> follow : step.follows()) {
                List<Op> ops = follow.isEmpty() ? done : with(done, follow.getFirst());
                if (follow.isEmpty() || ScriptRun.makesSense(lab, SmallWorld.SETUP, ops)) {
                    cases.add(new ScriptCase(lab, SmallWorld.SETUP, ops, ops.size() - 1));
                    extend(lab, ops, length - 1, cases);
                }
            }
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

    /** Returns sequences of so many operations, drawn by a seed; each explores its last ones. */
    static List<ScriptCase> drawn(Lab lab, int length, int count, long seed) {
        Random random = new Random(seed);
        List<SmallWorld.Step> steps = SmallWorld.steps();
        List<ScriptCase> cases = new ArrayList<>();
        while (cases.size() < count) {
            List<Op> ops = List.of();
            int last = 0;
            for (int i = 0; i < length; i++) {
                SmallWorld.Step step = steps.get(random.nextInt(steps.size()));
                List<List<Op>> follows = step.follows();
                List<Op> next = with(ops, step.op());
                List<Op> followed = new ArrayList<>(next);
                followed.addAll(follows.get(random.nextInt(follows.size())));
                last = ops.size();
                ops = ScriptRun.makesSense(lab, SmallWorld.SETUP, followed) ? followed : ops;
            }
            if (last > 0 && last < ops.size()) {
                cases.add(new ScriptCase(lab, SmallWorld.SETUP, ops, last));
            }
        }
        return cases;
    }
}
