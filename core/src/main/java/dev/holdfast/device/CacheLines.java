package dev.holdfast.device;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The processor's cache-line write-back, by way of the JDK's intrinsic. It is there when the
 * launcher exports it ({@code --add-exports java.base/jdk.internal.misc=dev.holdfast.core}, or
 * {@code =ALL-UNNAMED} on the class path), the processor has the instruction, and the VM has its
 * optimising compiler: HotSpot makes the code behind the intrinsic with that of the compiler, and
 * without it ({@code -Xint}, {@code -XX:TieredStopAtLevel=1}) jumps to address 0.
 */
public final class CacheLines {
    private static final String STOP_AT_LEVEL = "-XX:TieredStopAtLevel=";
    private static final int FULL_OPTIMISATION = 4;
    /** {@code (long address, long length) -> void}, or null when not exported. */
    private static final MethodHandle WRITE_BACK;
    private static final boolean AVAILABLE;

    static {
        MethodHandle writeBack = null;
        boolean available = false;
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            Class<?> unsafe = lookup.findClass("jdk.internal.misc.Unsafe");
            Object instance = lookup
                    .findStatic(unsafe, "getUnsafe", MethodType.methodType(unsafe))
                    .invoke();
            available = (boolean) lookup
                    .findStatic(unsafe, "isWritebackEnabled", MethodType.methodType(boolean.class))
                    .invoke()
                    && isOptimising((String[]) lookup
                            .findStatic(lookup.findClass("jdk.internal.misc.VM"),
                                    "getRuntimeArguments", MethodType.methodType(String[].class))
                            .invoke());
            writeBack = lookup
                    .findVirtual(unsafe, "writebackMemory",
                            MethodType.methodType(void.class, long.class, long.class))
                    .bindTo(instance);
        } catch (ReflectiveOperationException notExported) {
            available = false;
        } catch (Throwable t) {
            throw new ExceptionInInitializerError(t);
        }
        WRITE_BACK = writeBack;
        AVAILABLE = available && writeBack != null;
    }

    private CacheLines() {}

    /** Tells from the VM's arguments whether it has its optimising compiler. */
    static boolean isOptimising(String... arguments) {
        boolean optimising = true;
        for (String argument : arguments) {
            if (argument.startsWith(STOP_AT_LEVEL)) {
                optimising = argument.equals(STOP_AT_LEVEL + FULL_OPTIMISATION);
            } else if (argument.equals("-Xint")
                    || argument.startsWith("-XX:CompilationMode=quick-only")) {
                return false;
            }
        }
        return optimising;
    }

    /** Tells whether this process can write lines back. */
    public static boolean isAvailable() {
        return AVAILABLE;
    }

    /**
     * Writes back the lines of a mapped range and executes one barrier after the last. The caller
     * keeps the range mapped.
     */
    public static void writeBack(long address, long length) {
        try {
            WRITE_BACK.invokeExact(address, length);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }
}
