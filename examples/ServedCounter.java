import dev.holdfast.MapMode;
import dev.holdfast.faultd.client.ClientFile;
import dev.holdfast.faultd.client.ClientMapping;
import dev.holdfast.faultd.client.FaultClient;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** Counts how often it was run, in a file of a volume that another process owns. */
public final class ServedCounter {
    public static void main(String[] arguments) throws IOException {
        try (FaultClient client = FaultClient.connect(Path.of(arguments[0]));
                ClientFile file = client.open("/counter", FaultClient.Access.CREATE)) {
            if (file.size() == 0) {
                file.truncate(4096);
            }
            try (ClientMapping mapping = file.map(MapMode.SYNC, 0, 4096)) {
                MemorySegment memory = mapping.segment();
                long count = memory.get(ValueLayout.JAVA_LONG, 0) + 1;
                // The page faults: when this store goes on, what finds the page after a crash is
                // durable.
                memory.set(ValueLayout.JAVA_LONG, 0, count);
                mapping.persist(0, 8);
                System.out.println("run " + count);
            }
        }
    }
}
