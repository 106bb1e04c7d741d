package dev.holdfast.faultd;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.holdfast.MapMode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.faultd.client.ClientFile;
import dev.holdfast.faultd.client.ClientMapping;
import dev.holdfast.faultd.client.FaultClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * A client in a process of its own, told what to do on standard input. Commands name files and
 * mappings by letters of the test's choice.
 */
public final class ClientMain {
    private final FaultClient client;
    private final Map<String, ClientFile> files = new HashMap<>();
    private final Map<String, ClientMapping> mappings = new HashMap<>();

    private ClientMain(FaultClient client) {
        this.client = client;
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (FaultClient client = FaultClient.connect(Path.of(arguments[0]))) {
            ClientMain main = new ClientMain(client);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                main.answer(line);
            }
        }
    }

    private void answer(String line) {
        String[] words = line.split(" ");
        if (words[0].equals("background")) {
            Thread.ofPlatform().daemon().start(
                    () -> answer(line.substring("background ".length())));
            return;
        }
        String answer;
        try {
            answer = perform(words);
        } catch (HoldfastException e) {
            answer = e.code() + " " + e.getMessage();
        } catch (IOException | RuntimeException e) {
            answer = e.toString();
        } catch (InternalError e) {
            answer = "bus error";
        }
        System.out.println(answer.replace('\n', ' '));
        System.out.flush();
    }

    private String perform(String[] words) throws IOException {
        return switch (words[0]) {
            case "open" -> {
                files.put(words[1], client.open(words[2],
                        FaultClient.Access.valueOf(words.length > 3 ? words[3] : "CREATE")));
                yield "ok";
            }
            case "close" -> {
                files.remove(words[1]).close();
                yield "ok";
            }
            case "size" -> Long.toString(file(words).size());
            case "truncate" -> {
                file(words).truncate(number(words, 2));
                yield "ok";
            }
            case "punch" -> {
                file(words).punch(number(words, 2), number(words, 3));
                yield "ok";
            }
            case "fsync" -> {
                file(words).fsync();
                yield "ok";
            }
            case "map" -> {
                mappings.put(words[2], file(words).map(
                        MapMode.valueOf(words[3]), number(words, 4), number(words, 5)));
                yield "ok";
            }
            case "unmap" -> {
                mappings.remove(words[1]).close();
                yield "ok";
            }
            case "put" -> {
                mapping(words).segment().set(JAVA_LONG, number(words, 2), number(words, 3));
                yield "ok";
            }
            case "scatter" -> {
                // Every page once, in an order that has no direction.
                long pages = mapping(words).segment().byteSize() / 4096;
                for (long i = 0; i < pages; i++) {
                    mapping(words).segment().set(
                            JAVA_LONG, i * 389 % pages * 4096, number(words, 2));
                }
                yield "ok";
            }
            case "get" -> Long.toString(mapping(words).segment().get(JAVA_LONG, number(words, 2)));
            case "persist" -> {
                mapping(words).persist(number(words, 2), number(words, 3));
                yield "ok";
            }
            case "send" -> {
                // A system call that loads from the mapping.
                Path sink = Files.createTempFile("holdfast-sent", "");
                try (FileChannel to = FileChannel.open(sink, StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE)) {
                    to.write(mapping(words).segment().asSlice(number(words, 2), 8).asByteBuffer());
                }
                yield "ok";
            }
            case "serves" -> client.servesSystemCalls() ? "system calls" : "user mode";
            case "collect" -> {
                System.gc();
                yield "collected";
            }
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private ClientFile file(String[] words) {
        return files.get(words[1]);
    }

    private ClientMapping mapping(String[] words) {
        return mappings.get(words[1]);
    }

    private static long number(String[] words, int index) {
        return Long.parseLong(words[index]);
    }
}
