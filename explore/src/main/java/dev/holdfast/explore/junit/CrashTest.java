package dev.holdfast.explore.junit;

import dev.holdfast.CommitPolicy;
import dev.holdfast.device.TracedDevice;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A class that says what code does on a volume, and what must be found after a power cut at any
 * moment of it.
 *
 * {@snippet :
 * @CrashTest
 * class AppendLogCrashTest {
 *     @Workload
 *     void append(Volume volume, Acks acks) throws IOException {
 *         try (AppendLog log = new AppendLog(volume)) {
 *             log.append("one");
 *             acks.ack("one");
 *         }
 *     }
 *
 *     @Recover
 *     void nothingAcknowledgedIsLost(Volume recovered, Acknowledged acks) throws IOException {
 *         assertTrue(AppendLog.read(recovered).containsAll(acks.all()));
 *     }
 * }
 * }
 *
 * <p>The class has one {@link Workload} method, which is the test that JUnit runs and counts, and
 * one {@link Recover} method (without the first, JUnit takes it for no test at all):
 * <ol>
 *   <li>methods for before each test run; they may take the {@link dev.holdfast.Volume}, and what
 *       they do is durable;
 *   <li>the workload runs once; each store and persist on the medium is recorded;
 *   <li>for every moment of the run, and every choice of what may have reached the medium by then,
 *       the volume is recovered and checked, and the recover method called with it;
 *   <li>the test fails at the first volume that recovery, the check, or the recover method do not
 *       like; how many there were is published as a report entry.
 * </ol>
 *
 * <p>The workload must do the same each time it runs, for a failure to be replayed: random numbers
 * from a fixed seed, no times, no threads that race. The volume itself is deterministic here: clock
 * and random are fixed, and background work is left out, which keeps the most in doubt.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(CrashTestExtension.class)
public @interface CrashTest {
    /**
     * The system property, or configuration parameter of JUnit, that has one state judged again, as
     * the failure printed it.
     */
    String REPLAY_PROPERTY = "holdfast.replay";

    /** Returns the size of the volume, in bytes, from 1 MiB to 1 GiB. Small ones are faster. */
    long volumeBytes() default 2 << 20;

    /** Returns what the medium writes back together. */
    TracedDevice.Unit medium() default TracedDevice.Unit.LINE;

    /** Returns when changes of the volume become durable by themselves. */
    CommitPolicy policy() default CommitPolicy.LAZY;

    /** Returns how many images a crash point may leave for all of them to be explored. */
    long exhaustiveImages() default 1024;

    /** Returns how many pieces are kept, or lost, together where not all images are explored. */
    int subset() default 2;

    /** Returns the number of states to stop after. */
    long states() default Long.MAX_VALUE;

    /** Returns the seconds to stop after. */
    int budgetSeconds() default 60;

    /** Returns whether lines tear into 8 bytes, and pages and sectors into 512. */
    boolean torn() default false;

    /** Returns what random choices of states depend on. */
    long seed() default 1;

    /** Returns the milliseconds that the recover method may take for one state. */
    long stateLimitMillis() default 10_000;

    /**
     * Returns the state to judge instead of all: what a failure printed. The system property
     * {@link #REPLAY_PROPERTY} goes before it.
     */
    String replay() default "";
}
