package dev.holdfast.explore.junit;

import dev.holdfast.explore.medium.Trace;
import dev.holdfast.explore.medium.Trace.Stack;
import dev.holdfast.explore.medium.Trace.Stack.Kind;
import dev.holdfast.fs.ContiguousMapping;
import java.util.ArrayList;
import java.util.List;

/** Finds where in the user's own code something of a trace was done. */
final class CallSites {
    private static final int FRAMES = 4;
    private static final List<String> BELOW =
            List.of("dev.holdfast.", "java.", "jdk.", "sun.", "org.junit.");
    private static final List<String> ABOVE =
            List.of("java.lang.reflect.", "jdk.internal.reflect.", "org.junit.", "dev.holdfast.");

    private final List<Stack> stacks;

    /**
     * What user code did to a range.
     *
     * @param kind what
     * @param frames of the user's own code, as they stand in a stack trace; the innermost first
     */
    record Site(Kind kind, List<String> frames) {}

    CallSites(Trace trace) {
        this.stacks = trace.stacks();
    }

    /**
     * Returns what led to the last store to a range before a position: the store, or the hand-out
     * of the memory it went through; null if nobody knows.
     */
    Site storing(long offset, long length, long position) {
        Stack found = null;
        for (Stack stack : stacks) {
            if ((stack.kind() == Kind.STORE || stack.kind() == Kind.WRITABLE)
                    && stack.position() < position && overlaps(stack, offset, length)) {
                found = stack;
            }
        }
        return site(found);
    }

    /** Returns the last persist of a range before a position, or null. */
    Site persisting(long offset, long length, long position) {
        Stack found = null;
        for (Stack stack : stacks) {
            if (stack.kind() == Kind.PERSIST && stack.position() < position
                    && overlaps(stack, offset, length)) {
                found = stack;
            }
        }
        return site(found);
    }

    /** Returns the persist that is the next event at a position, or null. */
    Site nextPersist(long position) {
        for (Stack stack : stacks) {
            if (stack.kind() == Kind.PERSIST && stack.position() == position) {
                return site(stack);
            }
        }
        return null;
    }

    /** Tells whether the JDK had the volume's memory mapped to be stored to. */
    boolean mappedByTheJdk() {
        return stacks.stream().anyMatch(stack -> stack.kind() == Kind.WRITABLE
                && stack.frames().stream().anyMatch(
                        frame -> frame.getClassName().equals(ContiguousMapping.class.getName())));
    }

    private static boolean overlaps(Stack stack, long offset, long length) {
        return stack.offset() < offset + length && offset < stack.offset() + stack.length();
    }

    private static Site site(Stack stack) {
        if (stack == null) {
            return null;
        }
        List<String> frames = userFrames(stack.frames());
        return frames.isEmpty() ? null : new Site(stack.kind(), frames);
    }

    /** Leaves out what is below the user's code, and what called it. */
    static List<String> userFrames(List<StackTraceElement> stack) {
        List<String> frames = new ArrayList<>();
        for (StackTraceElement frame : stack) {
            String type = frame.getClassName();
            boolean below = frames.isEmpty() && BELOW.stream().anyMatch(type::startsWith);
            if (!frames.isEmpty() && ABOVE.stream().anyMatch(type::startsWith)
                    || frames.size() == FRAMES) {
                return frames;
            }
            if (!below) {
                frames.add(type + "." + frame.getMethodName() + "(" + frame.getFileName() + ":"
                        + frame.getLineNumber() + ")");
            }
        }
        return frames;
    }
}
