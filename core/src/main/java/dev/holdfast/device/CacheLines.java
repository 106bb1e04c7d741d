package dev.holdfast.device;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The processor's cache-line write-back, by way of the JDK's intrinsic. It is there when the
 * launcher exports it ({@code --add-exports java.base/jdk.internal.misc=dev.holdfast.core}, or
 * {@code =ALL-UNNAMED} on the class path) and the processor has the instruction.
 *
 * <p>HotSpot generates the code behind the intrinsic in the thread of its optimising compiler. A JVM
 * that runs without that compiler ({@code -Xint}, {@code -XX:TieredStopAtLevel=1}) reports the
 * instruction as there and dies on the first use; it counts as absent.
 */
final class CacheLines {
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
                    .invoke();
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
        AVAILABLE = available && writeBack != null && hasOptimisingCompiler();
    }

    private static boolean hasOptimisingCompiler() {
        String info = System.getProperty("java.vm.info", "");
        return !info.contains("interpreted mode") && !info.contains("emulated-client");
    }

    private CacheLines() {}

    static boolean isAvailable() {
        return AVAILABLE;
    }

    /**
     * Writes back the lines of a mapped range and executes one barrier after the last. The caller
     * keeps the range mapped.
     */
    static void writeBack(long address, long length) {
        try {
            WRITE_BACK.invokeExact(address, length);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }
}
