package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.MapMode;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.XattrMode;
import dev.holdfast.fuse.FakeKernel.Answer;
import dev.holdfast.fuse.FakeKernel.Body;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The protocol, request by request")
class ProtocolTest {
    private static final long ROOT = 1;
    private static final int FLUSH = 25;
    private static final int GETLK = 31;

    private FakeKernel kernel;

    @BeforeEach
    void open() throws IOException {
        kernel = new FakeKernel(32 << 20);
    }

    @AfterEach
    void closeSound() throws IOException {
        assertThat(kernel.closeAndCheck().isClean()).isTrue();
        kernel.close();
    }

    @Test
    @DisplayName("the handshake agrees on the older of the two versions")
    void olderVersion() throws IOException {
        Answer answer = kernel.init(Wire.MAJOR, 36);
        assertThat(answer.body().getInt(Wire.INIT_MAJOR)).isEqualTo(7);
        assertThat(answer.body().getInt(Wire.INIT_MINOR)).isEqualTo(36);
        assertThat(answer.body().getInt(Wire.INIT_MAX_WRITE)).isEqualTo(1 << 20);
        assertThat(answer.body().remaining()).isEqualTo(Wire.INIT_OUT_BYTES);
        assertThat(kernel.session().has(Wire.WRITEBACK_CACHE)).isFalse();
    }

    @Test
    @DisplayName("a kernel newer than the server is answered with the server's version")
    void newerVersions() throws IOException {
        assertThat(kernel.init(8, 0).body().getInt(Wire.INIT_MAJOR)).isEqualTo(7);
        assertThat(kernel.session().isReady()).isFalse();
        assertThat(kernel.init(7, 1000).body().getInt(Wire.INIT_MINOR)).isEqualTo(Wire.MINOR);
    }

    @Test
    @DisplayName("a kernel that is too old, and a second handshake, are refused")
    void refusedHandshakes() throws IOException {
        assertThat(kernel.init(7, 19).errno()).isEqualTo(FuseErrno.EPROTO);
        kernel.ready();
        assertThat(kernel.init(7, 36).errno()).isEqualTo(FuseErrno.EINVAL);
    }

    @Test
    @DisplayName("nothing is served before the handshake, nor after the end")
    void outsideOfSession() throws IOException {
        assertThat(kernel.call(Op.GETATTR, ROOT, new Body()).errno()).isEqualTo(FuseErrno.EIO);
        kernel.ready();
        assertThat(kernel.call(Op.GETATTR, ROOT, new Body()).errno()).isZero();
        assertThat(kernel.call(Op.DESTROY, 0, new Body()).errno()).isZero();
        assertThat(kernel.call(Op.GETATTR, ROOT, new Body()).errno()).isEqualTo(FuseErrno.EIO);
        assertThat(kernel.init(7, 36).errno()).isEqualTo(FuseErrno.EINVAL);
    }

    @Test
    @DisplayName("a name and an attribute that are not there are answers, not exceptions")
    void commonAnswers() throws IOException {
        long file = kernel.ready().createFile("f");
        List<LogRecord> thrown = new ArrayList<>();
        Logger logger = Logger.getLogger(Dispatcher.class.getName());
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord logged) {
                thrown.add(logged);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.setLevel(Level.FINE);
        logger.addHandler(handler);
        try {
            Body absent = new Body().name("absent");
            assertThat(kernel.call(Op.LOOKUP, ROOT, absent).node()).isZero();
            assertThat(kernel.call(Op.GETXATTR, file, new Body().ints(0, 0)
                    .name("security.capability")).errno()).isEqualTo(FuseErrno.ENODATA);
            assertThat(thrown).isEmpty();
            assertThat(kernel.call(Op.UNLINK, ROOT, absent).errno()).isEqualTo(FuseErrno.ENOENT);
            assertThat(thrown).hasSize(1);
        } finally {
            logger.removeHandler(handler);
            logger.setLevel(null);
        }
    }

    @Test
    @DisplayName("a node is known for as many look-ups as it was given, and then stale")
    void forgetting() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        kernel.call(Op.LOOKUP, ROOT, new Body().name("a"));
        assertThat(kernel.call(Op.FORGET, node, new Body().longs(1))).isNull();
        assertThat(kernel.call(Op.GETATTR, node, new Body()).errno()).isZero();
        assertThat(kernel.call(Op.BATCH_FORGET, 0, new Body().ints(1, 0).longs(node, 1))).isNull();
        assertThat(kernel.call(Op.GETATTR, node, new Body()).errno()).isEqualTo(FuseErrno.ESTALE);
        assertThat(kernel.call(Op.LOOKUP, ROOT, new Body().name("a")).node()).isEqualTo(node);
    }

    @Test
    @DisplayName("a handle finds a node that was forgotten, but none that was removed")
    void handles() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        kernel.call(Op.FORGET, node, new Body().longs(1));
        assertThat(kernel.call(Op.LOOKUP, node, new Body().name(".")).node()).isEqualTo(node);
        assertThat(kernel.call(Op.GETATTR, node, new Body()).errno()).isZero();
        assertThat(kernel.call(Op.UNLINK, ROOT, new Body().name("a")).errno()).isZero();
        assertThat(kernel.call(Op.LOOKUP, node, new Body().name(".")).node()).isEqualTo(node);
        kernel.call(Op.FORGET, node, new Body().longs(2));
        assertThat(kernel.call(Op.LOOKUP, node, new Body().name(".")).errno())
                .isEqualTo(FuseErrno.ENOENT);
        assertThat(kernel.call(Op.LOOKUP, 77, new Body().name(".")).errno())
                .isEqualTo(FuseErrno.ENOENT);
    }

    @Test
    @DisplayName("the root outlives every forget")
    void rootStays() throws IOException {
        kernel.ready();
        kernel.call(Op.FORGET, ROOT, new Body().longs(Long.MAX_VALUE));
        kernel.call(Op.FORGET, ROOT, new Body().longs(-1));
        assertThat(kernel.call(Op.GETATTR, ROOT, new Body()).errno()).isZero();
    }

    @Test
    @DisplayName("a look-up whose reply did not arrive does not count")
    void undeliveredLookup() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        kernel.call(Op.FORGET, node, new Body().longs(1));
        kernel.refuse(true);
        try {
            kernel.call(Op.LOOKUP, ROOT, new Body().name("a"));
        } catch (IOException expected) {
            assertThat(expected).hasMessageContaining("no reply");
        }
        kernel.refuse(false);
        assertThat(kernel.session().nodes().size()).isOne();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 2, 77, -1, Long.MAX_VALUE, Long.MIN_VALUE})
    @DisplayName("a node that was never given out is stale, for every operation")
    void unknownNode(long node) throws IOException {
        kernel.ready();
        for (int opcode : new int[] {Op.GETATTR, Op.STATX, Op.READLINK, Op.OPENDIR, Op.RELEASE}) {
            assertThat(kernel.call(opcode, node, new Body().raw(new byte[64])).errno())
                    .as("opcode %d", opcode).isEqualTo(FuseErrno.ESTALE);
        }
        assertThat(kernel.call(Op.LOOKUP, node, new Body().name("a")).errno())
                .isEqualTo(FuseErrno.ESTALE);
        assertThat(kernel.read(node, 0, 10).errno()).isEqualTo(FuseErrno.ESTALE);
        assertThat(kernel.call(Op.LINK, ROOT, new Body().longs(node).name("l")).errno())
                .isEqualTo(FuseErrno.ESTALE);
    }

    @Test
    @DisplayName("names with '/', without an end, empty, dotted or too long are refused")
    void badNames() throws IOException {
        kernel.ready();
        assertThat(mkdir(new Body().name("a/b"))).isEqualTo(FuseErrno.EINVAL);
        assertThat(mkdir(new Body().raw("ab".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(FuseErrno.EINVAL);
        assertThat(mkdir(new Body().name(""))).isEqualTo(FuseErrno.ENOENT);
        assertThat(mkdir(new Body().name(".."))).isEqualTo(FuseErrno.EINVAL);
        assertThat(mkdir(new Body().name("n".repeat(256)))).isEqualTo(FuseErrno.ENAMETOOLONG);
        assertThat(mkdir(new Body().raw(new byte[] {(byte) 0xff, 0}))).isZero();
        assertThat(mkdir(new Body().name("größe"))).isZero();
        assertThat(kernel.volume().list("/")).extracting(DirectoryEntry::name)
                .containsExactlyInAnyOrder("größe", "\udcff");
    }

    private int mkdir(Body name) throws IOException {
        return kernel.call(Op.MKDIR, ROOT, new Body().ints(0755, 0).raw(name.toBytes())).errno();
    }

    @Test
    @DisplayName("lengths that do not agree with what was read are refused")
    void badLengths() throws IOException {
        kernel.ready();
        byte[] body = new byte[64];
        assertThat(kernel.raw(0, Op.GETATTR, ROOT, body, 5, 0).errno())
                .isEqualTo(FuseErrno.EINVAL);
        assertThat(kernel.raw(0, Op.GETATTR, ROOT, body, 0xffffffffL, 0).errno())
                .isEqualTo(FuseErrno.EINVAL);
        assertThat(kernel.raw(0, Op.GETATTR, ROOT, body, 104, 9).errno())
                .isEqualTo(FuseErrno.EINVAL);
        assertThat(kernel.raw(0, Op.FORGET, ROOT, body, 5, 0)).isNull();
        long node = kernel.createFile("a");
        assertThat(kernel.call(Op.WRITE, node, new Body().longs(0, 0).ints(-1, 0).longs(0)
                .ints(0, 0).raw(new byte[10])).errno()).isEqualTo(FuseErrno.EINVAL);
        assertThat(kernel.call(Op.SETXATTR, node, new Body().ints(1 << 30, 0).name("user.a"))
                .errno()).isEqualTo(FuseErrno.EINVAL);
    }

    @Test
    @DisplayName("a batch that says more than it holds forgets what it holds")
    void shortBatch() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        assertThat(kernel.call(Op.BATCH_FORGET, 0, new Body().ints(-1, 0).longs(node, 1, 5)))
                .isNull();
        assertThat(kernel.session().nodes().size()).isOne();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 19, FLUSH, GETLK, 53, 127, 128, 4096, -1, Integer.MIN_VALUE})
    @DisplayName("what is not served is ENOSYS")
    void unknownOpcodes(int opcode) throws IOException {
        kernel.ready();
        assertThat(kernel.call(opcode, ROOT, new Body().raw(new byte[64])).errno())
                .isEqualTo(FuseErrno.ENOSYS);
    }

    @Test
    @DisplayName("an interrupt is heard without an answer")
    void interrupt() throws IOException {
        kernel.ready();
        assertThat(kernel.call(Op.INTERRUPT, 0, new Body().longs(99))).isNull();
    }

    @Test
    @DisplayName("offsets past the limits: EFBIG to write, the end of the file to read")
    void farOffsets() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        assertThat(kernel.write(node, 1L << 60, new byte[1]).errno()).isEqualTo(FuseErrno.EFBIG);
        assertThat(kernel.write(node, -1, new byte[1]).errno()).isEqualTo(FuseErrno.EINVAL);
        assertThat(kernel.read(node, 1L << 60, 10).body().remaining()).isZero();
        assertThat(kernel.read(node, -1, 10).errno()).isEqualTo(FuseErrno.EINVAL);
        assertThat(kernel.call(Op.FALLOCATE, node, new Body().longs(0, 1L << 50, 1L << 50)
                .ints(0, 0)).errno()).isEqualTo(FuseErrno.EFBIG);
    }

    @Test
    @DisplayName("a read shows data, holes and unwritten blocks, and ends with the file")
    void readsRuns() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        byte[] data = new byte[5000];
        new Random(1).nextBytes(data);
        kernel.write(node, 100_000, data);
        byte[] read = new byte[4000 + 5000];
        System.arraycopy(data, 0, read, 4000, 5000);
        assertThat(bytes(kernel.read(node, 96_000, 1 << 20).body())).isEqualTo(read);
        assertThat(kernel.read(node, 105_000, 10).body().remaining()).isZero();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(0, bytes);
        return bytes;
    }

    @Test
    @DisplayName("a directory listed while names come and go shows each that stayed exactly once")
    void stableCookies() throws IOException {
        kernel.ready();
        long seed = Seeds.seed(0);
        Random random = new Random(seed);
        TreeSet<String> stayed = new TreeSet<>();
        List<String> others = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            String name = "name" + i;
            kernel.createFile(name);
            if (i % 2 == 0) {
                stayed.add(name);
            } else {
                others.add(name);
            }
        }
        List<String> seen = new ArrayList<>();
        for (long cookie = 0; ; ) {
            ByteBuffer part = kernel.call(Op.READDIR, ROOT, new Body().longs(0, cookie)
                    .ints(300, 0).longs(0).ints(0, 0)).body();
            if (part.remaining() == 0) {
                break;
            }
            cookie = addNames(part, seen);
            kernel.call(Op.UNLINK, ROOT,
                    new Body().name(others.remove(random.nextInt(others.size()))));
            kernel.createFile("new" + cookie);
        }
        assertThat(seen).as("seed %d", seed).doesNotHaveDuplicates().containsAll(stayed)
                .contains(".", "..");
    }

    private static long addNames(ByteBuffer part, List<String> names) {
        long cookie = 0;
        for (int at = 0; at < part.limit(); ) {
            int length = part.getInt(at + Wire.DIRENT_NAME_BYTES);
            byte[] name = new byte[length];
            part.get(at + Wire.DIRENT_NAME, name);
            names.add(new String(name, StandardCharsets.UTF_8));
            cookie = part.getLong(at + Wire.DIRENT_NEXT);
            at += (Wire.DIRENT_NAME + length + 7) / 8 * 8;
        }
        return cookie;
    }

    @Test
    @DisplayName("listing with entries counts a look-up for each name, and none for dots")
    void listingWithEntries() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        kernel.call(Op.FORGET, node, new Body().longs(1));
        Answer answer = kernel.call(Op.READDIRPLUS, ROOT,
                new Body().longs(0, 0).ints(4096, 0).longs(0).ints(0, 0));
        assertThat(answer.body().remaining()).isEqualTo(3 * (Wire.ENTRY_BYTES + 32));
        assertThat(kernel.session().nodes().size()).isEqualTo(2);
        kernel.call(Op.FORGET, node, new Body().longs(1));
        assertThat(kernel.session().nodes().size()).isOne();
    }

    @Test
    @DisplayName("a nameless file goes when forgotten, unless it was given a name")
    void nameless() throws IOException {
        kernel.ready();
        long named = kernel.call(Op.TMPFILE, ROOT,
                new Body().ints(2, 0100600, 0, 0).name("#1")).node();
        long lost = kernel.call(Op.TMPFILE, ROOT,
                new Body().ints(2, 0100600, 0, 0).name("#2")).node();
        kernel.write(named, 0, new byte[] {1});
        kernel.write(lost, 0, new byte[100_000]);
        assertThat(kernel.call(Op.LINK, ROOT, new Body().longs(named).name("n")).errno()).isZero();
        kernel.call(Op.FORGET, lost, new Body().longs(1));
        kernel.call(Op.FORGET, named, new Body().longs(2));
        assertThat(kernel.volume().stat("/n").links()).isOne();
        assertThat(kernel.volume().stat("/n").sizeBytes()).isOne();
        assertThat(kernel.volume().list("/")).hasSize(1);
    }

    @Test
    @DisplayName("set-id bits go with a write, a truncate, an allocation and a change of owner")
    void setIdBits() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        Body kill = new Body().longs(0, 0).ints(1, Wire.WRITE_KILL_SUIDGID).longs(0).ints(0, 0)
                .raw(new byte[1]);
        assertThat(modeAfter(node, Op.WRITE, kill)).isEqualTo(0777);
        Body size = new Body().ints(Wire.FATTR_SIZE | Wire.FATTR_KILL_SUIDGID, 0).longs(0, 3)
                .raw(new byte[64]);
        assertThat(modeAfter(node, Op.SETATTR, size)).isEqualTo(0777);
        Body allocate = new Body().longs(0, 0, 5).ints(0, 0);
        assertThat(modeAfter(node, Op.FALLOCATE, allocate)).isEqualTo(0777);
        Body owner = new Body().ints(Wire.FATTR_UID, 0).raw(new byte[68]).ints(7, 7, 0);
        assertThat(modeAfter(node, Op.SETATTR, owner)).isEqualTo(0777);
        assertThat(kernel.volume().stat("/a").uid()).isEqualTo(7);
    }

    @Test
    @DisplayName("a write takes file capabilities away, a write-back of the page cache does not")
    void capabilities() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        for (int flags : new int[] {Wire.WRITE_CACHE, 0}) {
            kernel.volume().setXattr("/a", "security.capability", new byte[20],
                    XattrMode.CREATE_OR_REPLACE);
            Body body = new Body().longs(0, 0).ints(1, flags).longs(0).ints(0, 0).raw(new byte[1]);
            assertThat(kernel.call(Op.WRITE, node, body).errno()).isZero();
            assertThat(kernel.volume().listXattrs("/a")).hasSize(flags);
        }
    }

    private int modeAfter(long node, int opcode, Body body) throws IOException {
        kernel.call(Op.SETATTR, node, new Body().ints(Wire.FATTR_MODE, 0).raw(new byte[60])
                .ints(06777, 0, 0, 0, 0));
        assertThat(kernel.volume().stat("/a").mode()).isEqualTo(06777);
        assertThat(kernel.callAs(1000, opcode, node, body).errno()).isZero();
        return kernel.volume().stat("/a").mode();
    }

    @Test
    @DisplayName("a full volume says ENOSPC, and room made by removing can be used at once")
    void fullVolume() throws IOException {
        kernel.ready();
        long big = kernel.createFile("big");
        byte[] data = new byte[1 << 20];
        int errno = 0;
        for (long at = 0; errno == 0; at += data.length) {
            Answer answer = kernel.write(big, at, data);
            errno = answer.errno();
        }
        assertThat(errno).isEqualTo(FuseErrno.ENOSPC);
        assertThat(kernel.call(Op.UNLINK, ROOT, new Body().name("big")).errno()).isZero();
        kernel.call(Op.FORGET, big, new Body().longs(1));
        long next = kernel.createFile("next");
        assertThat(kernel.write(next, 0, data).body().getInt(0)).isEqualTo(data.length);
    }

    @Test
    @DisplayName("a file's first writable mapping drops its cached pages; opens then go past the "
            + "cache")
    void mappedFiles() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        kernel.write(node, 0, new byte[4096]);
        kernel.read(node, 0, 10);
        assertThat(openFlags(node)).isEqualTo(Wire.FOPEN_KEEP_CACHE);
        try (var file = kernel.volume().openFile("/a")) {
            file.write(ByteBuffer.wrap(new byte[10]), 0);
            kernel.read(node, 0, 10);
            assertThat(openFlags(node)).as("written within the process").isZero();
            assertThat(openFlags(node)).isEqualTo(Wire.FOPEN_KEEP_CACHE);
            try (var mapping = file.map(MapMode.SHARED, 0, 4096)) {
                assertThat(mapping.lengthBytes()).isEqualTo(4096);
                assertThat(openFlags(node) & Wire.FOPEN_DIRECT_IO).isOne();
            }
        }
        assertThat(openFlags(node) & Wire.FOPEN_DIRECT_IO).isZero();
    }

    @Test
    @DisplayName("an open drops cached pages where the next read is one to be noted")
    void accessTimes() throws IOException {
        kernel.ready();
        long node = kernel.createFile("a");
        kernel.write(node, 0, new byte[4096]);
        assertThat(openFlags(node)).as("not read since the change").isZero();
        assertThat(openFlags(node, Wire.O_WRONLY)).isEqualTo(Wire.FOPEN_KEEP_CACHE);
        assertThat(openFlags(node, Wire.O_NOATIME)).isEqualTo(Wire.FOPEN_KEEP_CACHE);
        kernel.read(node, 0, 10);
        assertThat(openFlags(node)).as("read").isEqualTo(Wire.FOPEN_KEEP_CACHE);
    }

    private int openFlags(long node) throws IOException {
        return openFlags(node, 2);
    }

    private int openFlags(long node, int flags) throws IOException {
        return kernel.call(Op.OPEN, node, new Body().ints(flags, 0)).body()
                .getInt(Wire.OPEN_OUT_FLAGS);
    }
}
