package dev.holdfast.nio.lucene;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.MMapDirectory;

/**
 * A program that makes an index on a volume of its own and says on standard output, after each
 * commit, how many documents are durable. It goes on until it is killed.
 */
final class Indexer {
    static final long VOLUME_BYTES = 256 << 20;
    static final int COMMIT_DOCUMENTS = 20_000;

    private Indexer() {}

    static FileSystem open(URI volume, Map<String, ?> options) throws IOException {
        return FileSystems.newFileSystem(volume, options);
    }

    static Document document(int number) {
        Document document = new Document();
        document.add(new StringField("id", Integer.toString(number), Field.Store.YES));
        document.add(new TextField("text", words(number), Field.Store.NO));
        document.add(new NumericDocValuesField("number", number));
        return document;
    }

    private static String words(int number) {
        return "all " + (number % 2 == 0 ? "even" : "odd") + " w" + number % 1000 + " x"
                + number % 77;
    }

    public static void main(String[] arguments) throws IOException {
        FileSystem fs = open(URI.create(arguments[0]), Map.of("create", VOLUME_BYTES));
        IndexWriterConfig config = new IndexWriterConfig();
        IndexWriter writer = new IndexWriter(new MMapDirectory(fs.getPath("/index")), config);
        for (int number = 0; ; number++) {
            if (number % COMMIT_DOCUMENTS == 0) {
                writer.commit();
                System.out.println(number);
            }
            writer.addDocument(document(number));
        }
    }
}
