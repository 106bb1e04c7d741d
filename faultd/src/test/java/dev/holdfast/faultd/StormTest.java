package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two JVMs and a C program map one file and store, truncate, punch and sync at random, at the same
 * time, while they and the owner are killed. After every round, and in the end, the file holds what
 * a {@link StormModel} allows.
 */
class StormTest {
    private static final int CLIENTS = 3;
    private static final long PAGE = StormModel.PAGE;
    private static final int OWNER_KILLS_APART = 13_000;

    private final Child[] clients = new Child[CLIENTS];
    private final Random random = new Random();
    private long seed;
    private StormModel model;
    private KeptServer kept;
    private long nextValue = 1;

    /** How long a storm lasts, and when somebody is killed in it. */
    private interface Plan {
        boolean isOver(long rounds);

        boolean isKillDue(long rounds);
    }

    @Test
    @DisplayName("three processes in a short storm: every byte that was stored is there, check is "
            + "clean")
    void shortStorm() throws Exception {
        storm("StormTest#shortStorm", new Plan() {
            @Override
            public boolean isOver(long rounds) {
                return rounds == 200;
            }

            @Override
            public boolean isKillDue(long rounds) {
                return rounds % 100 == 50;
            }
        });
    }

    @Test
    @Tag("stress")
    @DisplayName("three processes in a long storm: every byte that was stored is there, check is "
            + "clean")
    void longStorm() throws Exception {
        long apart = 1_000_000L * Integer.getInteger(
                "holdfast.storm.kills.millis", OWNER_KILLS_APART);
        long begin = System.nanoTime();
        long end = begin + 1_000_000_000L * Integer.getInteger("holdfast.storm.seconds", 1800);
        storm("StormTest#longStorm -Pstress", new Plan() {
            private long killed = begin;

            @Override
            public boolean isOver(long rounds) {
                return System.nanoTime() > end;
            }

            @Override
            public boolean isKillDue(long rounds) {
                boolean isDue = System.nanoTime() > killed + apart;
                killed = isDue ? System.nanoTime() : killed;
                return isDue;
            }
        });
    }

    private void storm(String name, Plan plan) throws Exception {
        Needs.userfaultfd();
        seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.out.println("storm: seed " + seed
                + "; the same commands again: mvn -B -pl faultd -am "
                + "verify -Dsurefire.failIfNoSpecifiedTests=false -Dholdfast.seed=" + seed
                + " -Dtest=" + name);
        random.setSeed(seed);
        model = new StormModel(seed);
        try (KeptServer server = new KeptServer(5)) {
            kept = server;
            for (int i = 0; i < CLIENTS; i++) {
                begin(i);
            }
            int kills = 0;
            long rounds = 0;
            for (; !plan.isOver(rounds); rounds++) {
                if (plan.isKillDue(rounds)) {
                    killInRound(kills++);
                } else {
                    round(-1, false);
                }
            }
            System.out.println("storm: " + rounds + " rounds, " + kills + " kills");
            for (Child client : clients) {
                client.close();
            }
            kept.keeper().close();
            assertThat(Volume.check(kept.file()).findings()).as("seed " + seed).isEmpty();
            checkFile();
        }
    }

    private void killInRound(int kills) throws Exception {
        if (kills % 2 == 0) {
            round(-1, true);
        } else {
            round(random.nextInt(CLIENTS), false);
        }
    }

    private void begin(int i) throws Exception {
        clients[i] = i == CLIENTS - 1 ? kept.client() : kept.javaClient();
        clients[i].expect("ok", "open f /file");
        clients[i].expect("ok", "map f m " + (i == 0 ? "SHARED" : "SYNC") + " 0 "
                + StormModel.PAGES * PAGE);
    }

    /** Has every client do something at the same time, of which at most one changes the layout. */
    private void round(int clientToKill, boolean isOwnerKilled) throws Exception {
        String[] commands = new String[CLIENTS];
        int layoutChanger = random.nextInt(2 * CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            // What a killed client has asked for may be done later than all that is seen here.
            commands[i] = i == layoutChanger && i != clientToKill ? layoutChange() : store(i);
            clients[i].tell(commands[i]);
        }
        if (isOwnerKilled) {
            KeptServer.kill(kept.worker());
        }
        if (clientToKill >= 0) {
            clients[clientToKill].kill();
        }
        for (int i = 0; i < CLIENTS; i++) {
            String answer = i == clientToKill ? "killed" : clients[i].answer();
            model.did(commands[i], answer);
        }
        model.settle();
        if (clientToKill >= 0) {
            begin(clientToKill);
            model.hasSize(Long.parseLong(clients[clientToKill].ask("size f")));
        }
        int reader = random.nextInt(CLIENTS);
        for (int i = 0; i < 4; i++) {
            int page = random.nextInt(StormModel.PAGES);
            model.reads(page, clients[reader].ask("get m " + StormModel.offset(page)));
        }
    }

    private String store(int client) {
        int page = random.nextInt(StormModel.PAGES / CLIENTS) * CLIENTS + client;
        return "put m " + StormModel.offset(page) + " " + nextValue++;
    }

    private String layoutChange() {
        int page = random.nextInt(StormModel.PAGES);
        return switch (random.nextInt(5)) {
            case 0 -> "fsync f";
            case 1 -> "punch f " + page * PAGE + " "
                    + (1 + random.nextInt(StormModel.PAGES - page)) * PAGE;
            case 2 -> "truncate f " + page * PAGE;
            default -> "truncate f " + StormModel.PAGES * PAGE;
        };
    }

    private void checkFile() throws IOException {
        try (Volume volume = Volume.open(kept.file(), VolumeOptions.defaults());
                DaxFile file = volume.openFile("/file")) {
            model.hasSize(file.size());
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size())
                    .order(ByteOrder.LITTLE_ENDIAN);
            file.read(bytes, 0);
            for (int at = 0; at < bytes.capacity(); at += 8) {
                int page = (int) (at / PAGE);
                if (at == StormModel.offset(page)) {
                    model.reads(page, Long.toString(bytes.getLong(at)));
                } else {
                    assertThat(bytes.getLong(at)).as("seed %s, offset %s", seed, at).isZero();
                }
            }
            assertThat(volume.space().reservedBytes()).isZero();
        }
    }
}
