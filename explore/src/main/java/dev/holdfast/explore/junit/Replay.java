package dev.holdfast.explore.junit;

import org.junit.jupiter.api.extension.ExtensionContext;

/** The line by which a failure is seen again: the class, a colon, and what the explorer replays. */
final class Replay {
    private Replay() {}

    /** Returns the state that a class is to judge instead of all, or null. */
    static String wanted(ExtensionContext context, CrashTest config) {
        String wanted = context.getConfigurationParameter(CrashTest.REPLAY_PROPERTY)
                .orElse(config.replay()).strip();
        String mine = prefix(context.getRequiredTestClass());
        if (wanted.startsWith(mine)) {
            return wanted.substring(mine.length());
        }
        // Another class's: a run of several tests replays that one and explores the others.
        return null;
    }

    /** Returns a command that has a state judged again. */
    static String command(Class<?> test, String state) {
        return "mvn test " + quoted("-Dtest=" + name(test)) + " "
                + quoted("-D" + CrashTest.REPLAY_PROPERTY + "=" + prefix(test) + state);
    }

    private static String quoted(String argument) {
        return argument.contains("$") ? "'" + argument + "'" : argument;
    }

    private static String prefix(Class<?> test) {
        return name(test) + ":";
    }

    /** Returns what Maven calls a class: without its package, with the classes around it. */
    private static String name(Class<?> test) {
        return test.getName().substring(test.getPackageName().length()
                + (test.getPackageName().isEmpty() ? 0 : 1));
    }
}
