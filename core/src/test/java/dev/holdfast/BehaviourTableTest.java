package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps docs/behaviour.md true: every class it names exists and cites the id it stands beside. */
class BehaviourTableTest {
    private static final Pattern ROW =
            Pattern.compile("^\\| ([A-Z]\\d+a?) \\| (.+?) \\| (.+) \\|$");
    private static final Pattern CLASS = Pattern.compile("`(\\w+)`");
    private static final Pattern DISPLAY_NAME =
            Pattern.compile("@DisplayName\\(\\s*((?:\"(?:[^\"\\\\]|\\\\.)*\"[\\s+]*)+)\\)");
    private static final Pattern RANGE = Pattern.compile("\\b([A-Z])(\\d+)-\\1(\\d+)\\b");

    /** How many ids each letter has, from 1 on; B6a and M6a come on top, and M8 was never given. */
    private static final Map<String, Integer> IDS = Map.ofEntries(Map.entry("E", 9),
            Map.entry("P", 12), Map.entry("M", 9), Map.entry("S", 10), Map.entry("H", 7),
            Map.entry("D", 7), Map.entry("W", 7), Map.entry("R", 10), Map.entry("Z", 8),
            Map.entry("C", 9), Map.entry("X", 5), Map.entry("V", 6), Map.entry("A", 5),
            Map.entry("B", 23));

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("docs/behaviour.md")) ? here : here.getParent();
    }

    private static Map<String, String> table() throws IOException {
        Map<String, String> table = new LinkedHashMap<>();
        for (String line : Files.readAllLines(root().resolve("docs/behaviour.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                assertThat(table.put(row.group(1), row.group(3))).as(row.group(1)).isNull();
            }
        }
        return table;
    }

    /** The display names of each test class. */
    private static Map<String, String> citations() throws IOException {
        Map<String, String> citations = new TreeMap<>();
        for (String module : List.of("core", "explore", "faultd")) {
            try (Stream<Path> files = Files.walk(root().resolve(module + "/src/test/java"))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(file ->
                        citations.merge(file.getFileName().toString().replace(".java", ""),
                                displayNames(file), (a, b) -> a + " " + b));
            }
        }
        return citations;
    }

    private static String displayNames(Path file) {
        try {
            return DISPLAY_NAME.matcher(Files.readString(file)).results()
                    .map(name -> name.group(1)).collect(Collectors.joining(" "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean cites(String names, String id) {
        if (Pattern.compile("\\b" + id + "\\b").matcher(names).find()) {
            return true;
        }
        return RANGE.matcher(names).results().anyMatch(range -> id.startsWith(range.group(1))
                && id.matches("[A-Z]\\d+")
                && Integer.parseInt(id.substring(1)) >= Integer.parseInt(range.group(2))
                && Integer.parseInt(id.substring(1)) <= Integer.parseInt(range.group(3)));
    }

    @Test
    void everyIdHasARow() throws IOException {
        Map<String, String> table = table();
        IDS.forEach((letter, count) -> {
            for (int i = 1; i <= count; i++) {
                if (!(letter + i).equals("M8")) {
                    assertThat(table).containsKey(letter + i);
                }
            }
        });
        assertThat(table).containsKeys("M6a", "B6a");
    }

    @Test
    void everyClassNamedExistsAndCitesTheId() throws IOException {
        Map<String, String> citations = citations();
        table().forEach((id, where) -> {
            for (var name : CLASS.matcher(where).results().toList()) {
                assertThat(citations).as(id).containsKey(name.group(1));
                assertThat(cites(citations.get(name.group(1)), id))
                        .as(name.group(1) + " cites " + id).isTrue();
            }
        });
    }

    @Test
    void everyRowNamesATestOrSaysWhyThereIsNone() throws IOException {
        table().forEach((id, where) -> assertThat(CLASS.matcher(where).find()
                || where.startsWith("None: ")
                && where.endsWith(".")).as(id + ": " + where).isTrue());
    }
}
