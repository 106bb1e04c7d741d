package com.example;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A journal of numbers in a mapped buffer. Knows nothing of Holdfast. */
class BufferJournal {
    private static final int FILE_BYTES = 64 * 1024;

    private final MappedByteBuffer buffer;

    BufferJournal(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            buffer = channel.map(MapMode.READ_WRITE, 0, FILE_BYTES);
        }
    }

    /** Appends a number that is not zero; when this returns, no power cut can lose it. */
    void append(int number) {
        int at = buffer.position();
        buffer.putInt(number);
        buffer.force(at, Integer.BYTES);
    }

    /** Returns the numbers of a journal. */
    static List<Integer> read(Path path) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        if (Files.exists(path) && Files.size(path) == FILE_BYTES) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
            for (int number = bytes.getInt(); number != 0; number = bytes.getInt()) {
                numbers.add(number);
            }
        }
        return numbers;
    }
}
