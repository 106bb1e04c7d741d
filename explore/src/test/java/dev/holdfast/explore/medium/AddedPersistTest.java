package dev.holdfast.explore.medium;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.VolumeOptions;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.medium.Trace.Event;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A recording with one persist more differs in that and in nothing else. */
class AddedPersistTest {
    private TracedDevice device;
    private Recorder recorder;

    @BeforeEach
    void record() throws IOException {
        device = TracedDevice.create(1 << 16);
        recorder = Recorder.start(device);
    }

    @AfterEach
    void close() {
        device.close();
    }

    private static List<Event> events(Trace trace) {
        return IntStream.range(0, trace.events()).mapToObj(trace::event).toList();
    }

    private Recording stop() {
        return recorder.stop(VolumeOptions.defaults());
    }

    private static Trace with(Recording recording, int event, long... ranges) {
        return AddedPersist.after(recording, event, ranges).recording(recording).trace();
    }

    @Test
    void comesAfterTheStore() throws IOException {
        device.putLong(0, 1);
        recorder.mark("first");
        device.putLong(64, 2);
        device.persist(64, 8);
        Recording recording = stop();

        Trace more = with(recording, 0, 0, 8);

        assertThat(events(more)).containsExactly(
                Event.STORE, Event.PERSIST, Event.MARK, Event.STORE, Event.PERSIST);
        assertThat(more.rangeOffset(more.first(1))).isZero();
        assertThat(more.rangeLength(more.first(1))).as("a whole line").isEqualTo(64);
        assertThat(more.versionsBefore(1)).isEqualTo(1);
        assertThat(more.rangeOffset(more.first(4))).isEqualTo(64);
        assertThat(more.notes().getFirst().position()).isEqualTo(3);
        assertThat(events(recording.trace())).as("the recording stays").hasSize(4);
    }

    @Test
    void partsWhatOneEventStored() {
        // Seen together, by the mark: nobody knows in which order they were stored.
        device.handedOut(0, 4096, true);
        for (int line = 0; line < 3; line++) {
            device.memory().set(ValueLayout.JAVA_BYTE, line * 64L, (byte) 1);
        }
        recorder.mark("seen");
        Recording recording = stop();

        Trace more = with(recording, 0, 64, 64);

        assertThat(events(recording.trace())).containsExactly(Event.STORE, Event.MARK);
        assertThat(events(more)).containsExactly(
                Event.STORE, Event.PERSIST, Event.STORE, Event.MARK);
        assertThat(IntStream.range(0, 3).map(more::line)).containsExactly(1, 0, 2);
        assertThat(more.count(0)).isEqualTo(1);
        assertThat(more.count(2)).isEqualTo(2);
        assertThat(more.notes().getFirst().position()).isEqualTo(4);
    }

    @Test
    void marksAndOperationsMoveWithIt() {
        int operation = recorder.begin("operation");
        device.putLong(0, 1);
        recorder.end(operation);
        int open = recorder.begin("open");
        Recording recording = stop();

        Trace more = with(recording, 1, 0, 64);

        assertThat(more.operations().get(operation).begin()).isEqualTo(1);
        assertThat(more.operations().get(operation).end()).isEqualTo(4);
        assertThat(more.operations().get(open).begin()).isEqualTo(5);
        assertThat(more.operations().get(open).end())
                .isEqualTo(recording.trace().operations().get(open).end());
    }

    @Test
    void aJudgeIsAskedAsIfItWereNotThere() throws Exception {
        device.putLong(0, 1);
        long acknowledged = recorder.mark("acknowledged");
        Recording recording = stop();
        List<Boolean> after = new ArrayList<>();
        Judge judge = (volume, point) -> after.add(point.isAfter(acknowledged));

        Judge asked = AddedPersist.after(recording, 0, 0, 64).judge(judge);
        for (int position = 0; position <= 3; position++) {
            asked.judge(null, new CrashPoint(
                    position, CrashPoint.Kind.BETWEEN, List.of(), List.of()));
        }

        assertThat(after).containsExactly(false, false, false, true);
    }
}
