package dev.holdfast.explore.junit;

/** The line by which a failure is seen again: the class, a colon, and what the explorer replays. */
final class Replay {
    private Replay() {}

    /** Returns the state that a class is to judge instead of all, or null. */
    static String wanted(Class<?> test, CrashTest config) {
        String wanted = System.getProperty(CrashTest.REPLAY_PROPERTY, config.replay()).strip();
        String mine = prefix(test);
        if (wanted.startsWith(mine)) {
            return wanted.substring(mine.length());
        }
        // Another class's: a run of several tests replays that one and explores the others.
        return null;
    }

    /** Returns what names a state of a class. */
    static String line(Class<?> test, String state) {
        return prefix(test) + state;
    }

    /** Returns a command that has it judged again. */
    static String command(Class<?> test, String state) {
        return "mvn test -Dtest=" + test.getSimpleName() + " -D" + CrashTest.REPLAY_PROPERTY + "="
                + line(test, state);
    }

    private static String prefix(Class<?> test) {
        return test.getSimpleName() + ":";
    }
}
