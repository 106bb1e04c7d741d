package dev.holdfast.explore.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Of a stack only what the user wrote is shown. */
class CallSitesTest {
    private static StackTraceElement frame(String type, String method, int line) {
        return new StackTraceElement(type, method,
                type.substring(type.lastIndexOf('.') + 1) + ".java", line);
    }

    @Test
    void leavesOutTheFileSystemBelowAndTheTestFrameworkAbove() {
        assertThat(CallSites.userFrames(List.of(
                frame("dev.holdfast.fs.FileMapping", "segment", 1),
                frame("dev.holdfast.Mapping", "writable", 2),
                frame("com.example.Log", "append", 3),
                frame("java.util.ArrayList", "forEach", 4),
                frame("com.example.LogTest", "works", 5),
                frame("jdk.internal.reflect.DirectMethodHandleAccessor", "invoke", 6),
                frame("org.junit.platform.commons.util.ReflectionUtils", "invokeMethod", 7))))
                .containsExactly("com.example.Log.append(Log.java:3)",
                        "java.util.ArrayList.forEach(ArrayList.java:4)",
                        "com.example.LogTest.works(LogTest.java:5)");
    }

    @Test
    void leavesOutTheJdkWhereItCallsTheFileSystem() {
        assertThat(CallSites.userFrames(List.of(
                frame("dev.holdfast.explore.agent.Forces", "forced", 1),
                frame("java.nio.HoldfastForceHook", "forced", 2),
                frame("java.nio.MappedByteBuffer", "force", 3),
                frame("com.example.Journal", "append", 4))))
                .containsExactly("com.example.Journal.append(Journal.java:4)");
    }

    @Test
    void showsAFewFramesOnly() {
        StackTraceElement frame = frame("com.example.Deep", "down", 1);

        assertThat(CallSites.userFrames(List.of(frame, frame, frame, frame, frame, frame)))
                .hasSize(4);
    }

    @Test
    void aStackWithoutUserCodeIsNone() {
        assertThat(CallSites.userFrames(List.of(frame("dev.holdfast.Volume", "sync", 1),
                frame("org.junit.jupiter.engine.X", "y", 2)))).isEmpty();
    }
}
