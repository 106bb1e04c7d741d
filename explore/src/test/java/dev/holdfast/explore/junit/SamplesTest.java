package dev.holdfast.explore.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The samples that are wrong are found to be, and why. */
class SamplesTest {
    private static final Path SAMPLES = Path.of("src/test/java/com/example");

    @Test
    void theForgetfulLogIsTheLogWithoutItsPersist() throws IOException {
        List<String> right = new ArrayList<>(code("AppendLog"));
        List<String> wrong = code("ForgetfulLog").stream()
                .map(line -> line.replace("ForgetfulLog", "AppendLog")).toList();

        assertThat(right.remove("            mapping.persist(end, length);")).isTrue();
        assertThat(right).isEqualTo(wrong);
    }

    /** The lines of a class but for its comment. */
    private static List<String> code(String name) throws IOException {
        return Files.readAllLines(SAMPLES.resolve(name + ".java")).stream()
                .filter(line -> !line.startsWith("/**")).toList();
    }

    @Test
    void aForgottenPersistIsFound() {
        assertThat(Launched.sampleFailure("ForgetfulLogCrash"))
                .contains("Crash\n    after ack two\n    when the workload had returned")
                .contains("but could not find the following element(s):\n      [\"two\"]")
                .contains("Lost\n    /log bytes 64 to 127\n"
                        + "      stored through memory that was handed out at\n"
                        + "        at com.example.ForgetfulLog.append(ForgetfulLog.java:")
                .contains("never made durable before")
                .contains("Kept\n    everything that had been persisted, and of what was in "
                        + "flight\n      /log bytes 0 to 63")
                .containsPattern("Would have helped\n"
                        + "    a persist of /log bytes 0 to 63 before ack one\n"
                        + "    a persist of /log bytes 64 to 127 before ack two\n"
                        + "    all of it stored at one place\n"
                        + "    with them none of \\d+ states is wrong\n")
                .contains("-Dtest=ForgetfulLogCrash -Dholdfast.replay=ForgetfulLogCrash:hf1/");
    }

    @Test
    void aLengthThatIsDurableBeforeItsDataIsFound() {
        assertThat(Launched.sampleFailure("HastyQueueCrash"))
                .contains("before ack wake up\n    during wake up\n    just before the persist at\n"
                        + "        at com.example.HastyQueue.offer(HastyQueue.java:")
                .contains("but was: [\"\"]")
                .contains("Lost\n    /queue bytes 64 to 127\n")
                .contains("Kept\n    everything that had been persisted, and of what was in "
                        + "flight\n      /queue bytes 0 to 63")
                .contains("a persist of /queue bytes 64 to 127 before storing /queue bytes 0 to "
                + "63");
    }

    @Test
    void theForceOfABufferIsNotSeenWithoutTheAgentAndThatIsSaid() {
        assertThat(Launched.sampleFailure("BufferJournalCrash"))
                .contains("Not seen\n    force() of memory that a FileChannel mapped")
                .contains("at com.example.BufferJournal.<init>(BufferJournal.java:");
    }
}
