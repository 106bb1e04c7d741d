package dev.holdfast.nio.lucene;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;
import org.junit.After;
import org.junit.Test;

/** An index whose writer is killed with SIGKILL is whole, and has what was committed. */
public class KilledIndexTest {
    private static final int DOCUMENTS = 100_000;

    private final Path volume =
            Path.of("/dev/shm", "killed-index-" + ProcessHandle.current().pid() + ".hf");

    @After
    public void removeVolume() throws IOException {
        Files.deleteIfExists(volume);
    }

    @Test
    public void anIndexOfAHundredThousandDocumentsSurvivesItsWritersKill() throws Exception {
        URI uri = URI.create("holdfast://" + volume);
        int committed = indexUntilKilled(uri);

        try (FileSystem fs = Indexer.open(uri, Map.of());
                Directory directory = new MMapDirectory(fs.getPath("/index"))) {
            try (CheckIndex check = new CheckIndex(directory)) {
                check.setInfoStream(System.out, false);
                assertTrue(check.checkIndex().clean);
            }
            try (DirectoryReader reader = DirectoryReader.open(directory)) {
                assertTrue(reader.numDocs() >= committed);
                IndexSearcher searcher = new IndexSearcher(reader);
                assertEquals(reader.numDocs() / 2,
                        searcher.count(new TermQuery(new Term("text", "even"))));
                assertEquals(1, searcher.count(
                        new TermQuery(new Term("id", Integer.toString(committed - 1)))));
            }
            try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
                writer.updateDocument(new Term("id", "7"), Indexer.document(7));
                writer.commit();
            }
        }
    }

    /** Returns how many documents the program said were durable before it was killed. */
    private static int indexUntilKilled(URI uri) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), Indexer.class.getName(),
                uri.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        int committed = 0;
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = said.readLine(); line != null && committed < DOCUMENTS;
                    line = said.readLine()) {
                committed = Integer.parseInt(line);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertTrue("the writer ended after " + committed, committed >= DOCUMENTS);
        return committed;
    }
}
