package dev.holdfast.faultd;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** Whether reads of a descriptor wait: for all who hold it, by whoever of them says so last. */
final class DescriptorFlags {
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 04000;

    private DescriptorFlags() {}

    static void setBlocking(int fd) {
        set(fd, 0);
    }

    static void setNonBlocking(int fd) {
        set(fd, O_NONBLOCK);
    }

    @SuppressWarnings("restricted")
    private static void set(int fd, int flags) {
        Linker linker = Linker.nativeLinker();
        MethodHandle fcntl = linker.downcallHandle(linker.defaultLookup().findOrThrow("fcntl"),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        try {
            assertThat((int) fcntl.invokeExact(fd, F_SETFL, flags)).isZero();
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }
}
