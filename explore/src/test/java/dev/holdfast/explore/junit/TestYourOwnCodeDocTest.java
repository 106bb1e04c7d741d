package dev.holdfast.explore.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/test-your-own-code.md shows code that is tested, and what it really prints. */
class TestYourOwnCodeDocTest {
    private static final Path SAMPLES = Path.of("src/test/java/com/example");
    private static final Path DOC = Path.of("../docs/test-your-own-code.md");

    private static List<String> fences(String mark) throws IOException {
        return Pattern.compile("(?s)```" + mark + "\n(.*?)\n```").matcher(Files.readString(DOC))
                .results().map(fence -> fence.group(1)).toList();
    }

    /** Without indentation, which differs where a part of a class is shown. */
    private static String flat(String code) {
        return code.lines().map(String::strip).collect(Collectors.joining("\n"));
    }

    @Test
    void theCodeShownIsCodeThatIsTested() throws IOException {
        String sources;
        try (Stream<Path> files = Files.list(SAMPLES)) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.sorted().toList()) {
                all.append(flat(Files.readString(file))).append('\n');
            }
            sources = all.toString();
        }

        assertThat(fences("java")).hasSizeGreaterThan(3)
                .allSatisfy(code -> assertThat(sources).contains(flat(code)));
    }

    @Test
    void theOutputShownIsWhatIsPrinted() throws Exception {
        assertThat(fences("text")).extracting(TestYourOwnCodeDocTest::withoutNumbers)
                .containsExactly(
                        withoutNumbers(printed("AppendLogCrashTest")),
                        withoutNumbers(Launched.sampleFailure("ForgetfulLogCrash")),
                        withoutNumbers(Launched.sampleFailure("HastyQueueCrash")));
    }

    private static String printed(String sample) throws ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertThat(Launched.run(Class.forName("com.example." + sample)).failures()).isEmpty();
        } finally {
            System.setOut(out);
        }
        return bytes.toString(StandardCharsets.UTF_8).strip();
    }

    /** How many states there are, and where, is not what the document is about. */
    private static String withoutNumbers(String text) {
        return text.replaceAll("hf1/\\S+", "hf1/...")
                .replaceAll("\\d+ (states|images|crash points)", "N $1").strip();
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        List<String> links = Pattern.compile("\\]\\(([^)#]+)\\)").matcher(Files.readString(DOC))
                .results().map((MatchResult link) -> link.group(1)).toList();

        assertThat(links).isNotEmpty()
                .allSatisfy(link -> assertThat(DOC.resolveSibling(link)).exists());
    }
}
