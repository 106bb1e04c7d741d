package dev.holdfast.explore.junit;

import dev.holdfast.Volume;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/**
 * The two methods of a class, found and checked.
 *
 * @param config how the class wants to be explored
 * @param recover the method that judges
 */
record CrashTestMethods(CrashTest config, Method recover) {
    /** Finds the methods, or says what is wrong with the class. */
    static CrashTestMethods of(Class<?> type) {
        CrashTest config = AnnotationSupport.findAnnotation(type, CrashTest.class)
                .orElseThrow(() -> wrong(type, "has a @Workload method, and not the annotation"
                        + " @CrashTest: add it to the class"));
        one(type, Workload.class, Acks.class);
        return new CrashTestMethods(config, one(type, Recover.class, Acknowledged.class));
    }

    private static Method one(Class<?> type, Class<? extends Annotation> mark, Class<?> second) {
        List<Method> found = AnnotationSupport.findAnnotatedMethods(
                type, mark, HierarchyTraversalMode.TOP_DOWN);
        String name = "@" + mark.getSimpleName();
        if (found.isEmpty()) {
            throw wrong(type, "has no " + name + " method: write one that takes a Volume and "
                    + second.getSimpleName());
        }
        if (found.size() > 1) {
            throw wrong(type, "has " + found.size() + " " + name + " methods, "
                    + found.stream().map(Method::getName).collect(Collectors.joining(", "))
                    + ": keep one, or make a class of each");
        }
        check(type, name, found.getFirst(), second);
        return found.getFirst();
    }

    private static void check(Class<?> type, String name, Method method, Class<?> second) {
        String which = name + " method " + method.getName();
        if (Modifier.isStatic(method.getModifiers()) || Modifier.isPrivate(method.getModifiers())) {
            throw wrong(type, which + " must not be static or private");
        }
        if (method.getReturnType() != void.class) {
            throw wrong(type, which + " must return nothing");
        }
        Set<Class<?>> allowed = Set.of(Volume.class, second);
        List<Class<?>> parameters = List.of(method.getParameterTypes());
        if (parameters.isEmpty() || !allowed.containsAll(parameters)
                || Set.copyOf(parameters).size() != parameters.size()) {
            throw wrong(type, which + " takes (" + parameters.stream().map(Class::getSimpleName)
                    .collect(Collectors.joining(", ")) + "): it may take a Volume and "
                    + second.getSimpleName() + ", each once, and nothing else");
        }
    }

    private static ExtensionConfigurationException wrong(Class<?> type, String what) {
        return new ExtensionConfigurationException("crash test " + type.getName() + ": " + what);
    }

    /** Returns the arguments of the recover method. */
    Object[] arguments(Volume recovered, Acknowledged acks) {
        return Arrays.stream(recover.getParameterTypes())
                .map(type -> type == Volume.class ? recovered : acks).toArray();
    }
}
