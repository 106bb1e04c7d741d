package dev.holdfast.explore.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The method of a {@link CrashTest} whose run is cut short by power cuts. It takes the {@link
 * dev.holdfast.Volume} to work on and {@link Acks}, in any order, or one of them; it is not private
 * and not static, and returns nothing. It may leave files and mappings open.
 */
@Documented
@Test
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(CrashTestExtension.class)
public @interface Workload {}
