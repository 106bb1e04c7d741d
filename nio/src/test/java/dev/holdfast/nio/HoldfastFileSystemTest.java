package dev.holdfast.nio;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HoldfastFileSystemTest {
    private static final long SIZE = 8 << 20;

    @TempDir
    Path directory;

    private URI uri() {
        return URI.create("holdfast://" + directory.resolve("volume.hf").toAbsolutePath());
    }

    private FileSystem create() throws IOException {
        return FileSystems.newFileSystem(uri(), Map.of("create", SIZE));
    }

    @Test
    void aVolumeIsMadeClosedAndOpenedAgainByItsPath() throws IOException {
        try (FileSystem fs = create()) {
            Files.writeString(fs.getPath("/a"), "kept");
        }
        try (FileSystem fs = FileSystems.newFileSystem(directory.resolve("volume.hf"))) {
            assertThat(Files.readString(fs.getPath("a"))).isEqualTo("kept");
            assertThat(fs.isReadOnly()).isFalse();
        }
    }

    @Test
    void urisLeadToFileSystemsAndPaths() throws IOException {
        try (FileSystem fs = create()) {
            Path path = fs.getPath("/dir/a file");
            assertThat(FileSystems.getFileSystem(uri())).isSameAs(fs);
            assertThat(path.toUri().getScheme()).isEqualTo("holdfast");
            assertThat(Path.of(path.toUri())).isEqualTo(path);
            assertThatThrownBy(this::create).isInstanceOf(FileSystemAlreadyExistsException.class);
        }
        assertThatThrownBy(() -> FileSystems.getFileSystem(uri()))
                .isInstanceOf(FileSystemNotFoundException.class);
    }

    @Test
    void aFileThatIsNoVolumeIsLeftToOtherProviders() throws IOException {
        Path file = Files.write(directory.resolve("x"), new byte[8192]);
        assertThatThrownBy(() -> FileSystems.newFileSystem(file))
                .isInstanceOf(ProviderNotFoundException.class);
    }

    @Test
    void aVolumeOpenedForReadingOnlyIsReadAndNotChanged() throws IOException {
        try (FileSystem fs = create()) {
            Files.writeString(fs.getPath("/a"), "kept");
        }
        try (FileSystem fs = FileSystems.newFileSystem(uri(), Map.of("readOnly", true))) {
            Path file = fs.getPath("/a");
            assertThat(Files.readString(file)).isEqualTo("kept");
            assertThat(Files.isWritable(file)).isFalse();
            assertThatThrownBy(() -> Files.delete(file)).isInstanceOf(IOException.class)
                    .hasMessageContaining("Read-only");
            try (FileChannel channel = FileChannel.open(file, READ);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment segment = channel.map(MapMode.READ_ONLY, 0, 4, arena);
                assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).isEqualTo("kept".getBytes(
                        StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void closingClosesWhatWasOpened() throws IOException {
        FileSystem fs = create();
        Path file = Files.writeString(fs.getPath("/a"), "x");
        FileChannel channel = FileChannel.open(file, READ);
        WatchService watcher = fs.newWatchService();
        fs.close();
        fs.close();

        assertThat(fs.isOpen()).isFalse();
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(watcher::poll).isInstanceOf(ClosedWatchServiceException.class);
        assertThatThrownBy(() -> Files.exists(file)).isInstanceOf(ClosedFileSystemException.class);
    }

    @Test
    void aVolumeWhoseMemoryIsInUseStaysOpen() throws IOException {
        FileSystem fs = create();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment;
            try (FileChannel channel = FileChannel.open(fs.getPath("/a"), READ, WRITE, CREATE)) {
                segment = channel.map(MapMode.READ_WRITE, 0, 10, arena);
            }
            assertThatThrownBy(fs::close).isInstanceOfSatisfying(HoldfastException.class,
                    e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
            segment.fill((byte) 1);
            assertThat(Files.size(fs.getPath("/a"))).isEqualTo(10);
        }
        fs.close();
        assertThat(fs.isOpen()).isFalse();
    }

    @Test
    void theStoreTellsTrueFigures() throws IOException {
        // No background thread: when checkpoints are written is up to the test.
        VolumeOptions options = VolumeLab.deterministic(VolumeOptions.defaults(),
                ManualBackground::new, () -> 1_000_000_000L, new Random(1));
        try (MemfdDevice device = MemfdDevice.create("figures", SIZE);
                Volume volume = Volume.create(device, options);
                FileSystem fs = Holdfast.newFileSystem(volume)) {
            FileStore store = Files.getFileStore(fs.getPath("/"));
            Files.createFile(fs.getPath("/a"));
            long before = store.getUsableSpace();
            Files.write(fs.getPath("/a"), new byte[1 << 20]);
            long reserved = before - store.getUsableSpace() - (1 << 20);
            // Each record since the last checkpoint may cost tree nodes: chunks are taken for them
            // ahead.
            dev.holdfast.fs.FileSystem core = ((HoldfastFileSystem) fs).core();
            assertThat(reserved % core.info().nodeChunkBytes()).isZero();
            // One checkpoint takes the records in, the next is free to give idle chunks back.
            core.checkpoint();
            core.checkpoint();
            assertThat(before - store.getUsableSpace()).isEqualTo(1 << 20);

            assertThat(store.getTotalSpace()).isEqualTo(SIZE);
            assertThat(store.getBlockSize()).isEqualTo(4096);
            assertThat(store.type()).isEqualTo("holdfast");
            assertThat(store.supportsFileAttributeView("posix")).isTrue();
            assertThat(fs.getFileStores()).containsExactly(store);
        }
    }

    @Test
    void movesBetweenVolumesAreCopiesUnlessTheyMustBeAtomic() throws IOException {
        try (FileSystem fs = create(); Place.Mounted other = Place.MEMFD.open(SIZE)) {
            Path file = Files.writeString(fs.getPath("/a"), "across");
            Path target = other.root().resolve("b");
            assertThatThrownBy(() -> Files.move(file, target, StandardCopyOption.ATOMIC_MOVE))
                    .isInstanceOf(AtomicMoveNotSupportedException.class);
            Files.move(file, target);
            assertThat(Files.readString(target)).isEqualTo("across");
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void userAttributesAreKept() throws IOException {
        try (FileSystem fs = create()) {
            Path file = Files.writeString(fs.getPath("/a"), "x");
            var view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
            view.write("colour", ByteBuffer.wrap(new byte[] {1, 2, 3}));
            Files.setAttribute(file, "user:size", new byte[] {4});

            assertThat(view.list()).containsExactly("colour", "size");
            assertThat(view.size("colour")).isEqualTo(3);
            assertThat((byte[]) Files.getAttribute(file, "user:colour")).containsExactly(1, 2, 3);
            assertThatThrownBy(() -> view.read("colour", ByteBuffer.allocate(1)))
                    .isInstanceOf(IOException.class);
            view.delete("size");
            assertThatThrownBy(() -> view.size("size")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aSecureStreamStaysWithItsDirectoryWhereverThatMoves() throws IOException {
        try (FileSystem fs = create()) {
            Files.createDirectories(fs.getPath("/d/sub"));
            Files.writeString(fs.getPath("/d/a"), "x");
            Files.createDirectory(fs.getPath("/e"));
            try (var stream = (SecureDirectoryStream<Path>)
                            Files.newDirectoryStream(fs.getPath("/d"));
                    var target = (SecureDirectoryStream<Path>)
                            Files.newDirectoryStream(fs.getPath("/e"))) {
                Files.move(fs.getPath("/d"), fs.getPath("/moved"));
                Path a = fs.getPath("a");
                try (var channel = stream.newByteChannel(a, Set.of(READ))) {
                    assertThat(channel.size()).isEqualTo(1);
                }
                var view = stream.getFileAttributeView(a, PosixFileAttributeView.class);
                assertThat(view.readAttributes().isRegularFile()).isTrue();
                stream.move(a, target, fs.getPath("b"));
                assertThat(fs.getPath("/e/b")).exists();
                target.deleteFile(fs.getPath("b"));
                assertThatThrownBy(() -> target.deleteFile(fs.getPath("b")))
                        .isInstanceOf(NoSuchFileException.class);
                try (var sub = stream.newDirectoryStream(fs.getPath("sub"))) {
                    assertThat(sub.iterator().hasNext()).isFalse();
                }
                stream.deleteDirectory(fs.getPath("sub"));
            }
            var closed = (SecureDirectoryStream<Path>) Files.newDirectoryStream(fs.getPath("/e"));
            closed.close();
            assertThatThrownBy(() -> closed.deleteFile(fs.getPath("x")))
                    .isInstanceOf(ClosedDirectoryStreamException.class);
            assertThat(fs.getPath("/moved")).isEmptyDirectory();
        }
    }

    @Test
    void watchersHearOfNamesThatComeAndGo() throws Exception {
        try (FileSystem fs = create(); WatchService watcher = fs.newWatchService()) {
            Path root = fs.getPath("/");
            Files.createFile(fs.getPath("/old"));
            WatchKey key = root.register(watcher, ENTRY_CREATE, ENTRY_DELETE);
            Files.createFile(fs.getPath("/new"));
            Files.delete(fs.getPath("/old"));
            List<String> heard = new ArrayList<>();
            while (heard.size() < 2) {
                assertThat(watcher.poll(30, TimeUnit.SECONDS)).isSameAs(key);
                for (WatchEvent<?> event : key.pollEvents()) {
                    heard.add(event.kind().name() + " " + event.context());
                }
                assertThat(key.reset()).isTrue();
            }
            assertThat(heard).containsExactlyInAnyOrder("ENTRY_CREATE new", "ENTRY_DELETE old");
            key.cancel();
            assertThat(key.isValid()).isFalse();
        }
    }

    @Test
    void closingAChannelWhileOthersUseItHarmsNothing() throws Exception {
        try (FileSystem fs = create()) {
            Path file = Files.write(fs.getPath("/a"), new byte[65536]);
            for (int round = 0; round < 50; round++) {
                FileChannel channel = FileChannel.open(file, READ, WRITE);
                Thread writer = Thread.ofPlatform().start(() -> {
                    try {
                        while (true) {
                            channel.write(ByteBuffer.allocate(65536), 0);
                        }
                    } catch (ClosedChannelException expected) {
                        assertThat(channel.isOpen()).isFalse();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                channel.read(ByteBuffer.allocate(100), 0);
                channel.close();
                writer.join();
            }
            assertThat(Files.readAllBytes(file)).hasSize(65536).containsOnly(0);
        }
    }
}
