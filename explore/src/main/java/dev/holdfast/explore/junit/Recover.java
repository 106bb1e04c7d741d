package dev.holdfast.explore.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The method of a {@link CrashTest} that judges a recovered volume: whatever it throws is what a
 * power cut must not lead to. It takes the recovered {@link dev.holdfast.Volume} and what was
 * {@link Acknowledged}, in any order, or one of them.
 *
 * <p>Called thousands of times, on one thread that is not the test's, on the test's instance. It
 * may do to the volume what it likes, as a program that starts again would; the volume of the next
 * call knows nothing of it, and nothing of it may be kept. It should judge by the volume and by
 * what was acknowledged, and by nothing else.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Recover {}
