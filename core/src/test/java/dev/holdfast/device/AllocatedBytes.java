package dev.holdfast.device;

import java.lang.reflect.Method;

/**
 * How much heap the current thread has allocated; by reflection, as the module needs no management.
 */
final class AllocatedBytes {
    private AllocatedBytes() {}

    static long ofCurrentThread() {
        try {
            Object bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean").invoke(null);
            Method count = Class.forName("com.sun.management.ThreadMXBean")
                    .getMethod("getCurrentThreadAllocatedBytes");
            return (long) count.invoke(bean);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
