package dev.holdfast.explore.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * What became of a test class that was run as JUnit runs it.
 *
 * @param tests how many tests were run
 * @param failures what they failed with
 * @param report what they published
 */
record Launched(int tests, List<Throwable> failures, Map<String, String> report) {
    /** Why a class is disabled that fails on purpose; not here. */
    static final String ONLY = "launched by the class around it";

    private static final Map<String, String> SAMPLE_FAILURES = new ConcurrentHashMap<>();

    /** Runs a class, with pairs of configuration parameters. */
    static Launched run(Class<?> test, Map<String, String> parameters) {
        Listener listener = new Listener();
        LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(test)).configurationParameters(parameters)
                .configurationParameter("junit.jupiter.conditions.deactivate",
                        "org.junit.*DisabledCondition").build(),
                listener);
        return new Launched(listener.tests, listener.failures, listener.report);
    }

    /** Runs the classes named, and says what each failed with, if it did; for a JVM of its own. */
    public static void main(String[] arguments) throws ClassNotFoundException {
        for (String name : arguments) {
            Launched launched = run(Class.forName(name));
            System.out.println(name + ": " + launched.tests + " run, " + launched.failures.size()
                    + " failed");
            launched.failures.forEach(failure -> System.out.println(failure.getMessage()));
        }
    }

    static Launched run(Class<?> test) {
        return run(test, Map.of());
    }

    /** Returns what a sample of ours that is wrong fails with; run once for all who ask. */
    static String sampleFailure(String name) {
        return SAMPLE_FAILURES.computeIfAbsent(name, sample -> {
            try {
                return run(Class.forName("com.example." + sample)).message();
            } catch (ClassNotFoundException e) {
                throw new IllegalArgumentException(e);
            }
        });
    }

    /** Returns the message of the only failure. */
    String message() {
        if (failures.size() != 1) {
            throw new AssertionError("not one failure: " + failures);
        }
        return failures.getFirst().getMessage();
    }

    long reported(String key) {
        return Long.parseLong(report.get(key));
    }

    private static final class Listener implements TestExecutionListener {
        private final List<Throwable> failures = new ArrayList<>();
        private final Map<String, String> report = new LinkedHashMap<>();
        private int tests;

        @Override
        public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
            tests += identifier.isTest() ? 1 : 0;
            result.getThrowable().ifPresent(failures::add);
        }

        @Override
        public void reportingEntryPublished(TestIdentifier identifier, ReportEntry entry) {
            report.putAll(entry.getKeyValuePairs());
        }
    }
}
