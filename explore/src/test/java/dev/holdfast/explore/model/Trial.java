package dev.holdfast.explore.model;

import dev.holdfast.explore.Violation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** One seed's random session; when it fails, the smallest sequence found that fails. */
final class Trial {
    private Trial() {}

    /** What a seed failed with. */
    record Failure(long seed, Lab lab, List<Op> script, Violation violation) {
        @Override
        public String toString() {
            return "seed " + seed + ": " + violation.getMessage() + "\non a " + lab
                    + "; replay: Trial.run(Lab.drawn(" + seed + "L), " + seed
                    + "L, length), or the script\n"
                    + script.stream().map(Op::toString).collect(Collectors.joining("\n"));
        }
    }

    /** Runs a seed; throws the failure, shrunk. */
    static void run(Lab lab, long seed, int length) {
        Failure failure = find(lab, seed, length);
        if (failure != null) {
            Failure small = shrink(failure);
            throw new AssertionError(small.toString(), small.violation);
        }
    }

    /** Runs a seed; returns its failure, not shrunk, or null. */
    static Failure find(Lab lab, long seed, int length) {
        try (Session session = new Session(lab)) {
            try {
                play(session, new Random(seed), seed, length);
                session.finish();
                return null;
            } catch (Violation violation) {
                return new Failure(seed, lab, List.copyOf(session.done()), violation);
            }
        } catch (IOException e) {
            throw new AssertionError("seed " + seed + ": mkfs failed", e);
        }
    }

    private static void play(Session session, Random random, long seed, int length)
            throws IOException {
        Generator generator = new Generator(seed, session.model());
        for (int i = 0; i < length; i++) {
            if (session.isOff() || random.nextInt(30) == 0) {
                session.step(generator.crash());
            } else if (random.nextInt(40) == 0) {
                session.step(generator.powerOff());
            } else {
                session.step(generator.next());
            }
        }
        session.step(generator.crash());
    }

    private static Failure replay(Failure original, List<Op> script) {
        try (Session session = new Session(original.lab)) {
            try {
                for (Op op : script) {
                    session.step(op);
                }
                session.finish();
                return null;
            } catch (Violation violation) {
                return new Failure(original.seed, original.lab, script, violation);
            }
        } catch (IOException e) {
            throw new AssertionError("mkfs failed", e);
        }
    }

    /** Leaves out ever smaller parts as long as it still fails. */
    static Failure shrink(Failure original) {
        Failure smallest = replay(original, original.script);
        if (smallest == null) {
            return original;
        }
        for (int part = Math.max(1, original.script.size() / 2); part >= 1; part /= 2) {
            for (int from = 0; from < smallest.script.size(); ) {
                List<Op> shorter = new ArrayList<>(smallest.script);
                shorter.subList(from, Math.min(from + part, shorter.size())).clear();
                Failure failure = replay(original, shorter);
                if (failure != null) {
                    smallest = failure;
                } else {
                    from += part;
                }
            }
        }
        return smallest;
    }
}
