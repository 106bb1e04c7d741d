package dev.holdfast.cli.bench;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.device.DeviceCounters;
import dev.holdfast.faultd.keeper.ListeningSocket;
import dev.holdfast.faultd.ledger.ClientLedger;
import dev.holdfast.faultd.server.FaultServer;
import dev.holdfast.ffm.ThreadAffinity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * This file system's answers to real page faults of another process, through userfaultfd. The store
 * alone is timed, in that process, for it is the fault; barriers and lines are counted here.
 *
 * <p>The process lives as long as the engine and connects anew in each round.
 */
final class UserfaultfdEngine implements Engine, AutoCloseable {
    private static final long VOLUME_BYTES = 256L << 20;

    /** How faults meet their answers. */
    enum Setting {
        /** Both processes on one processor, one page a fault. */
        PINNED("userfaultfd-pinned", "userfaultfd, another process on the same core", 1),
        /** Wherever the system runs them. */
        UNPINNED("userfaultfd", "userfaultfd, another process, not pinned", 1),
        /** On one processor, up to 256 pages a fault. */
        AHEAD("userfaultfd-ahead",
                "userfaultfd, same core, with map-ahead (avg is the cost of a page)",
                256);

        private final String id;
        private final String label;
        private final int aheadPages;

        Setting(String id, String label, int aheadPages) {
            this.id = id;
            this.label = label;
            this.aheadPages = aheadPages;
        }
    }

    private final Path folder;
    private final Path hugeFolder;
    private final Setting setting;
    private FaultClientProcess client;

    /**
     * Makes volumes in {@code folder}, and for 2 MiB pages in {@code hugeFolder}, on hugetlbfs;
     * null to leave those out.
     */
    UserfaultfdEngine(Path folder, Path hugeFolder, Setting setting) {
        this.folder = folder;
        this.hugeFolder = hugeFolder;
        this.setting = setting;
    }

    @Override
    public String name() {
        return setting.id;
    }

    @Override
    public String label() {
        return setting.label;
    }

    @Override
    public boolean serves(FaultCell cell) {
        // Of huge pages there are few: they are timed where nothing else is done with them.
        return cell.isHuge() ? hugeFolder != null && setting != Setting.AHEAD
                && cell.load() == Load.IDLE && cell.state() != FaultCase.UNWRITTEN
                : setting != Setting.AHEAD || cell.load() == Load.IDLE;
    }

    @Override
    public Round open() throws IOException {
        try (ThreadAffinity _ = setting == Setting.UNPINNED ? null : ThreadAffinity.first()) {
            if (client == null) {
                client = FaultClientProcess.start();
            }
        }
        ServedVolume small = ServedVolume.open(folder, setting);
        boolean opened = false;
        try {
            ServedVolume huge = hugeFolder == null ? null : ServedVolume.open(hugeFolder, setting);
            opened = true;
            return new ServedRound(small, huge, client);
        } finally {
            if (!opened) {
                small.close();
            }
        }
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
    }

    /** A volume with its server. */
    private record ServedVolume(Path file, Path socket, Volume volume, FaultServer server) {
        static ServedVolume open(Path folder, Setting setting) throws IOException {
            Path file = Files.createTempFile(folder, "holdfast-bench", ".volume");
            Files.delete(file);
            Path socket = Files.createTempFile("holdfast-bench", ".sock");
            Files.delete(socket);
            Volume volume = Volume.create(file, VOLUME_BYTES);
            VolumeLab.fileSystem(volume).mappings().limitAhead(setting.aheadPages);
            // The threads that answer are started by threads that this one starts.
            try (ThreadAffinity _ = setting == Setting.UNPINNED ? null : ThreadAffinity.first()) {
                FaultServer server = FaultServer.open(
                        volume, ListeningSocket.open(socket), ClientLedger.NONE).start();
                return new ServedVolume(file, socket, volume, server);
            }
        }

        void close() throws IOException {
            try {
                server.close();
                volume.close();
            } finally {
                Files.deleteIfExists(socket);
                Files.deleteIfExists(file);
            }
        }
    }

    private record ServedRound(ServedVolume small, ServedVolume huge, FaultClientProcess client)
            implements Round {
        private ServedVolume of(boolean isHuge) {
            return isHuge ? huge : small;
        }

        @Override
        public BackgroundCopy load(Load load, String name) throws IOException {
            return load == Load.COPY ? BackgroundCopy.start(small.volume, "/" + name) : null;
        }

        @Override
        public FaultSample time(FaultCell cell, int faults, String name) throws IOException {
            ServedVolume on = of(cell.isHuge());
            long bytes = (long) faults * cell.pageBytes();
            String path = "/" + name;
            try (DaxFile timed = on.volume.createFile(path)) {
                if (cell.isHuge() && cell.state() != FaultCase.EMPTY) {
                    // Blocks that lie as huge pages do, whatever is free.
                    timed.truncate(bytes);
                    client.map(on.socket, path, true, bytes);
                    client.store(faults, cell.pageBytes());
                    client.end();
                    timed.fsync();
                } else {
                    cell.state().prepare(timed, bytes);
                }
            }
            VolumeLab.stock(on.volume);
            client.map(on.socket, path, cell.sync(), bytes);
            VolumeLab.stock(on.volume);
            DeviceCounters counters = on.volume.device().counters();
            long barriers = counters.barriers();
            long lines = counters.lines();
            HandlerTime handler = HandlerTime.begin(on.server);
            FaultClientProcess.Stores stores = client.store(faults, cell.pageBytes());
            long handlerNanos = handler.nanosPerFault();
            barriers = counters.barriers() - barriers;
            lines = counters.lines() - lines;
            client.end();
            long[] nanos = stores.nanos();
            Arrays.sort(nanos);
            return new FaultSample(nanos, barriers, lines, stores.kernelFaults(), handlerNanos);
        }

        @Override
        public void close() throws IOException {
            try {
                small.close();
            } finally {
                if (huge != null) {
                    huge.close();
                }
            }
        }
    }
}
