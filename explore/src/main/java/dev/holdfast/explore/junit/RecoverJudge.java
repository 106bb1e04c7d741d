package dev.holdfast.explore.junit;

import dev.holdfast.Volume;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.Violation;
import java.lang.reflect.InvocationTargetException;

/** Judges by the recover method of a test, and lets another thread see how long that takes. */
final class RecoverJudge implements Judge {
    private static final long NONE = Long.MAX_VALUE;

    private final CrashTestMethods methods;
    private final Object instance;
    private final AckLog acks;
    /** The call that is not made, because one like it did not return; and what it looked like. */
    private final long hungCall;
    private final Violation hung;

    private volatile long calls;
    private volatile long runningSinceNanos = NONE;
    private Throwable thrown;

    RecoverJudge(CrashTestMethods methods, Object instance, AckLog acks) {
        this(methods, instance, acks, NONE, null);
    }

    private RecoverJudge(CrashTestMethods methods, Object instance, AckLog acks, long hungCall,
            Violation hung) {
        this.methods = methods;
        this.instance = instance;
        this.acks = acks;
        this.hungCall = hungCall;
        this.hung = hung;
    }

    /** Returns a judge for the same states again, which blames the one that is being judged now. */
    RecoverJudge blaming(Violation violation) {
        return new RecoverJudge(methods, instance, acks, calls, violation);
    }

    @Override
    public void judge(Volume recovered, CrashPoint point) throws Exception {
        long call = calls + 1;
        calls = call;
        thrown = null;
        if (call == hungCall) {
            thrown = hung;
            throw hung;
        }
        Object[] arguments = methods.arguments(recovered, acks.at(point));
        runningSinceNanos = System.nanoTime();
        try {
            methods.recover().invoke(instance, arguments);
        } catch (InvocationTargetException e) {
            thrown = e.getCause();
            throw new Violation(describe(thrown), thrown);
        } finally {
            runningSinceNanos = NONE;
        }
    }

    private static String describe(Throwable thrown) {
        String message = thrown.getMessage();
        if ((thrown instanceof AssertionError || thrown instanceof Violation) && message != null) {
            return message.strip();
        }
        return thrown.toString();
    }

    /** Returns how often a volume was judged. */
    long calls() {
        return calls;
    }

    /** Returns what the recover method threw last, if that is what a message says; or null. */
    Throwable thrown(String message) {
        return thrown != null && message.endsWith(describe(thrown)) ? thrown : null;
    }

    /** Tells for how long the recover method is running now; 0 if it is not. */
    long runningNanos() {
        long since = runningSinceNanos;
        return since == NONE ? 0 : Math.max(0, System.nanoTime() - since);
    }
}
