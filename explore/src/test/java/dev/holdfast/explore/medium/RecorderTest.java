package dev.holdfast.explore.medium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.device.TracedDevice.Unit;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.explore.medium.Trace.Event;
import dev.holdfast.explore.medium.Trace.Stack.Kind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a run leaves in its trace. */
class RecorderTest {
    private static final int SIZE = 16 * 4096;

    @Test
    @DisplayName("Each store through the device is an event, with the content of its lines after "
            + "it")
    void storesOneByOne() throws IOException {
        try (TracedDevice device = TracedDevice.create(SIZE)) {
            Recorder recorder = Recorder.start(device);
            device.putLong(128, 7);
            device.putLong(128, 8);
            device.put(250, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 8);
            Trace trace = recorder.stop();
            assertThat(events(trace)).containsExactly(Event.STORE, Event.STORE, Event.STORE);
            assertThat(trace.versions()).isEqualTo(4);
            assertThat(List.of(trace.line(0), trace.line(1), trace.line(2), trace.line(3)))
                    .containsExactly(2, 2, 3, 4);
            assertThat(trace.contents()[0]).isEqualTo((byte) 7);
            assertThat(trace.contents()[64]).isEqualTo((byte) 8);
            assertThat(trace.contents()[2 * 64 + 63]).isEqualTo((byte) 6);
            assertThat(trace.contents()[3 * 64 + 1]).isEqualTo((byte) 8);
        }
    }

    @Test
    @DisplayName("A store that changes nothing is no event")
    void equalStoresAreNone() throws IOException {
        try (TracedDevice device = TracedDevice.create(SIZE)) {
            device.putLong(0, 5);
            Recorder recorder = Recorder.start(device);
            device.putLong(0, 5);
            device.zero(4096, 8192);
            assertThat(recorder.stop().events()).isZero();
        }
    }

    @Test
    @DisplayName("Stores through memory handed out are seen as the line's value at the next event")
    void rawStoresAtEvents() throws IOException {
        try (TracedDevice device = TracedDevice.create(SIZE)) {
            Recorder recorder = Recorder.start(device);
            device.handedOut(4096, 4096, true);
            MemorySegment memory = device.memory();
            memory.set(ValueLayout.JAVA_BYTE, 4096, (byte) 1);
            memory.set(ValueLayout.JAVA_BYTE, 4096, (byte) 2);
            recorder.observe();
            memory.set(ValueLayout.JAVA_BYTE, 4096, (byte) 3);
            device.persist(4096, 64);
            memory.set(ValueLayout.JAVA_BYTE, 5000, (byte) 4);
            Trace trace = recorder.stop();
            assertThat(events(trace)).containsExactly(
                    Event.STORE, Event.STORE, Event.PERSIST, Event.STORE);
            assertThat(new byte[] {trace.contents()[0], trace.contents()[64]})
                    .containsExactly(2, 3);
            assertThat(trace.line(2)).isEqualTo(5000 / 64);
        }
    }

    @Test
    @DisplayName("A persist covers whole units of the medium")
    void persistsAreRounded() throws IOException {
        for (Unit unit : Unit.values()) {
            try (TracedDevice device = TracedDevice.create(SIZE, unit)) {
                Recorder recorder = Recorder.start(device);
                device.persist(5000, 1);
                Trace trace = recorder.stop();
                assertThat(trace.rangeLength(0)).isEqualTo(unit.bytes());
                assertThat(trace.rangeOffset(0)).isEqualTo(5000 / unit.bytes() * unit.bytes());
            }
        }
    }

    @Test
    @DisplayName("A persist that failed is none")
    void failedPersists() throws IOException {
        try (TracedDevice device = TracedDevice.create(SIZE)) {
            Recorder recorder = Recorder.start(device);
            device.failPersists(0, 1);
            assertThatThrownBy(() -> device.persist(0, 64)).isInstanceOf(HoldfastException.class);
            device.persist(64, 64);
            Trace trace = recorder.stop();
            assertThat(events(trace)).containsExactly(Event.PERSIST);
            assertThat(trace.rangeOffset(0)).isEqualTo(64);
        }
    }

    @Test
    @DisplayName("A crash of the device is an event with what it changed")
    void crashes() throws IOException {
        try (TracedDevice device = TracedDevice.create(SIZE)) {
            Recorder recorder = Recorder.start(device);
            device.putLong(0, 1);
            device.putLong(64, 2);
            device.crash(LineFate.only(1));
            Trace trace = recorder.stop();
            assertThat(events(trace)).containsExactly(Event.STORE, Event.STORE, Event.CRASH);
            assertThat(trace.count(2)).isEqualTo(1);
            assertThat(trace.line(trace.first(2))).isZero();
            assertThat(trace.contents()[64 * trace.first(2)]).isZero();
        }
    }

    @Test
    @DisplayName("Operations and notes are at positions of the trace")
    void marks() throws IOException {
        try (TracedDevice device = TracedDevice.create(SIZE)) {
            Recorder recorder = Recorder.start(device);
            int first = recorder.begin("first");
            device.putLong(0, 1);
            int second = recorder.begin("second");
            long end = recorder.end(first);
            assertThat(recorder.mark("noted")).isEqualTo(end + 1);
            Trace trace = recorder.stop();
            assertThat(trace.operations().get(first).end()).isEqualTo(end).isEqualTo(4);
            assertThat(trace.operations().get(second).end())
                    .isEqualTo(dev.holdfast.explore.Operation.NEVER);
            assertThat(trace.operations().get(second).begin()).isEqualTo(3);
            assertThatThrownBy(recorder::observe).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    @DisplayName("Stacks tell who stored, persisted and was handed memory, from the caller on")
    void stacks() throws IOException {
        try (TracedDevice device = TracedDevice.create(SIZE)) {
            Recorder recorder = Recorder.start(device, true);
            device.handedOut(0, 100, true);
            device.handedOut(0, 100, false);
            device.putLong(8, 1);
            device.persist(0, 100);
            List<Trace.Stack> stacks = recorder.stop().stacks();
            assertThat(stacks).extracting(Trace.Stack::kind).containsExactly(
                    Kind.WRITABLE, Kind.READABLE, Kind.STORE, Kind.PERSIST);
            assertThat(stacks).allSatisfy(stack -> assertThat(
                    stack.frames().getFirst().getMethodName()).isEqualTo("stacks"));
        }
    }

    @Test
    @DisplayName("What many threads stored is all there when recording ends")
    void threads() throws Exception {
        try (TracedDevice device = TracedDevice.create(SIZE)) {
            Recorder recorder = Recorder.start(device);
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int thread = t;
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 500; i++) {
                        // Neighbours share lines.
                        long offset = (i * 4L + thread) * 8 % SIZE;
                        device.putLong(offset, i + 1);
                        persist(device, offset);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            Trace trace = recorder.stop();
            byte[] replayed = trace.base().clone();
            for (int version = 0; version < trace.versions(); version++) {
                System.arraycopy(trace.contents(), version * 64, replayed,
                        trace.line(version) * 64, 64);
            }
            assertThat(MemorySegment.ofArray(replayed).mismatch(device.memory())).isEqualTo(-1);
            assertThat(events(trace).stream().filter(e -> e == Event.PERSIST)).hasSize(2000);
        }
    }

    private static void persist(TracedDevice device, long offset) {
        try {
            device.persist(offset, 8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Event> events(Trace trace) {
        List<Event> events = new ArrayList<>();
        for (int event = 0; event < trace.events(); event++) {
            events.add(trace.event(event));
        }
        return events;
    }
}
