package dev.holdfast.explore.junit;

import dev.holdfast.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Runs a workload as a test: records it, and explores what power cuts leave of it. */
final class CrashTestExtension
        implements BeforeEachCallback, ParameterResolver, InvocationInterceptor {
    private static final Namespace NAMESPACE = Namespace.create(CrashTestExtension.class);

    CrashTestExtension() {}

    @Override
    public void beforeEach(ExtensionContext context) {
        CrashTestMethods.of(context.getRequiredTestClass());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Executable executable = parameter.getDeclaringExecutable();
        Class<?> type = parameter.getParameter().getType();
        if (executable.isAnnotationPresent(Workload.class)) {
            return type == Volume.class || type == Acks.class;
        }
        return executable.isAnnotationPresent(BeforeEach.class) && type == Volume.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        CrashRun run = run(context);
        if (parameter.getParameter().getType() == Volume.class) {
            return run.volume();
        }
        try {
            return run.begin();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The run of this test; closed with the test. */
    private static CrashRun run(ExtensionContext context) {
        Store store = context.getStore(NAMESPACE);
        return store.computeIfAbsent(CrashRun.class, key -> {
            try {
                return new CrashRun(
                        CrashTestMethods.of(context.getRequiredTestClass()).config());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }, CrashRun.class);
    }

    @Override
    public void interceptTestMethod(Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        if (!method.getExecutable().isAnnotationPresent(Workload.class)) {
            invocation.proceed();
            return;
        }
        CrashTestMethods methods = CrashTestMethods.of(context.getRequiredTestClass());
        methods.recover().setAccessible(true);
        CrashRun run = run(context);
        AckLog acks = run.begin();
        invocation.proceed();
        new CrashExploration(context, methods, run, acks).explore();
    }
}
