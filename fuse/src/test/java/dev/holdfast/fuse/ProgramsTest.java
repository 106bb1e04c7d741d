package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Programs on a mount")
class ProgramsTest {
    private static final long VOLUME_BYTES = 256L << 20;

    @TempDir
    private Path elsewhere;

    @Test
    @DisplayName("git commits, collects, checks and clones")
    void git() throws Exception {
        Programs.require("git");
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES)) {
            Programs.shell(mounted.directory(), """
                    git init -q one && cd one
                    git config user.email a@example.org && git config user.name A
                    for i in $(seq 40); do mkdir -p d$i; seq $((i * 50)) > d$i/f; done
                    git add -A && git commit -qm one
                    git mv d1/f d1/g && git rm -q d3/f && git commit -qm two
                    git gc -q --prune=now && git fsck --strict
                    cd .. && git clone -q one two
                    diff -r --exclude=.git one two
                    test -z "$(git -C two status --porcelain)"
                    """);
        }
    }

    @Test
    @DisplayName("tar brings back what it stored, links, times and modes included")
    void tar() throws Exception {
        Programs.require("tar");
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES)) {
            makeTree(mounted.directory());
            Programs.shell(mounted.directory(), """
                    tar cf "$0/t.tar" tree && mkdir back && tar xpf "$0/t.tar" -C back
                    cd back && tar df "$0/t.tar"
                    """.replace("$0", elsewhere.toString()));
        }
    }

    private static void makeTree(Path directory) throws Exception {
        Programs.shell(directory, """
                mkdir -p tree/a/b tree/c && cd tree
                for i in $(seq 100); do head -c $((i * 777)) /dev/urandom > a/f$i; done
                ln -s ../a/f1 c/s && ln a/f2 c/h && mkfifo c/p && chmod 4751 a/f3
                truncate -s 10M c/sparse && touch -d '1999-12-31 23:59:59.123456789' a/b
                """);
    }

    @Test
    @DisplayName("rsync finds nothing to do after a copy, by checksum")
    void rsync() throws Exception {
        Programs.require("rsync");
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES)) {
            makeTree(mounted.directory());
            String said = Programs.shell(mounted.directory(),
                    "rsync -aHS tree/ copy/ && rsync -acHSi tree/ copy/");
            assertThat(said).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wal", "delete", "truncate", "persist"})
    @DisplayName("a database of SQLite stays whole in every journal mode")
    void sqlite(String journal) throws Exception {
        Programs.require("sqlite3");
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES)) {
            String said = Programs.shell(mounted.directory(), """
                    sqlite3 db "pragma journal_mode=JOURNAL;
                    create table t(a integer primary key, b blob);
                    with recursive c(x) as (select 1 union all select x+1 from c where x<5000)
                    insert into t select x, randomblob(200) from c;
                    delete from t where a % 3 = 0; vacuum; pragma integrity_check;"
                    for i in 1 2 3; do
                        (for j in $(seq 10); do
                            sqlite3 -cmd '.timeout 60000' db "insert into t(b) values('$i');"
                        done) &
                    done
                    wait
                    sqlite3 db "pragma integrity_check; select count(*) from t;"
                    """.replace("JOURNAL", journal));
            assertThat(said.lines()).containsExactly(journal, "ok", "ok", "3364");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--ioengine=psync", "--ioengine=psync --direct=1", "--ioengine=mmap"})
    @DisplayName("fio reads back what it wrote")
    void fio(String engine) throws Exception {
        Programs.require("fio");
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES)) {
            Programs.shell(mounted.directory(), "fio --name=job --rw=randrw --bs=4k --size=2m "
                    + "--verify=crc32c --verify_fatal=1 --minimal " + engine);
        }
    }

    @Test
    @DisplayName("a thousand small files come and go")
    void manyFiles() throws Exception {
        makeAndRemove(1);
    }

    @Test
    @Tag("stress")
    @DisplayName("a hundred thousand small files come and go")
    void veryManyFiles() throws Exception {
        makeAndRemove(100);
    }

    private static void makeAndRemove(int thousands) throws Exception {
        Programs.require("python3");
        try (MountedVolume mounted = new MountedVolume(4 * VOLUME_BYTES)) {
            long before = mounted.volume().space().freeBytes();
            Programs.run(mounted.directory(), "python3", "-c", """
                    import os
                    n = %d
                    for i in range(n):
                        os.makedirs('d%%d' %% (i // 1000), exist_ok=True)
                        with open('d%%d/f%%d' %% (i // 1000, i), 'wb') as f:
                            f.write(b'%%d' %% i)
                    found = 0
                    for root, dirs, files in os.walk('.'):
                        for f in files:
                            with open(root + '/' + f, 'rb') as g:
                                assert g.read() == f[1:].encode(), f
                            found += 1
                    assert found == n, found
                    """.formatted(thousands * 1000));
            Programs.shell(mounted.directory(), "rm -rf d* && test -z \"$(ls -A)\"");
            mounted.volume().sync();
            mounted.volume().checkpoint();
            assertThat(mounted.volume().space().freeBytes())
                    .isGreaterThan(before - (VOLUME_BYTES >> 2));
        }
    }

    @Test
    @Tag("stress")
    @DisplayName("Maven builds this project on a mount")
    void build() throws Exception {
        Programs.require("mvn", "git");
        Path root = Path.of("").toAbsolutePath().getParent();
        try (MountedVolume mounted = new MountedVolume(4 * VOLUME_BYTES)) {
            Programs.shell(mounted.directory(), "git clone -q '" + root + "' p && cd p && "
                    + "mvn -B -q -o -DskipTests package && test -d cli/target/lib");
        }
    }

    @Test
    @DisplayName("a full volume says so, and deletion makes room at once")
    void full() throws IOException, InterruptedException {
        try (MountedVolume mounted = new MountedVolume(16 << 20)) {
            Programs.shell(mounted.directory(), """
                    ! head -c 64M /dev/zero > big 2> "$0/err"
                    grep -q 'No space left' "$0/err"
                    for i in 1 2 3; do
                        rm big && head -c 4M /dev/urandom > big && cmp -n 4194304 big big
                        test $(stat -c %s big) = 4194304
                    done
                    """.replace("$0", elsewhere.toString()));
        }
    }
}
