package dev.holdfast.alloc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BlockAllocatorThreadsTest {
    @Test
    @Timeout(60)
    void twoFilesGrowAndShrinkWhileThePoolIsRestocked() throws Exception {
        var volume = new SimulatedVolume(4096, 64);
        BlockAllocator allocator = volume.mount();
        try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
            List<Future<Long>> files = new ArrayList<>();
            for (int file = 1; file <= 2; file++) {
                int stream = file;
                Callable<Long> growth = () -> growAndShrink(volume, allocator, stream);
                files.add(executor.submit(growth));
            }
            Future<?> refills = executor.submit(() -> {
                for (int i = 0; i < 2000; i++) {
                    allocator.refill();
                    volume.commit(volume.records());
                    allocator.onDurable(volume.durableLsn());
                }
                return null;
            });
            refills.get();
            long owned = files.get(0).get() + files.get(1).get();
            volume.commit(volume.records());
            allocator.onDurable(volume.durableLsn());

            assertThat(allocator.freeBlocks() + owned).isEqualTo(4096 - 64);
            assertThat(allocator.pendingFreeBlocks()).isZero();
        }
        volume.requireRecoverable();
    }

    private static long growAndShrink(SimulatedVolume volume, BlockAllocator allocator, int stream)
            throws IOException {
        var random = new Random(stream);
        var request = new Request();
        var run = new Run();
        List<long[]> extents = new ArrayList<>();
        long owned = 0;
        for (int i = 0; i < 3000; i++) {
            if (random.nextInt(5) < 3
                    && allocator.allocate(request.reset().stream(stream).count(1, 6), run)) {
                volume.use(run);
                extents.add(new long[] {run.block, run.count});
                owned += run.count;
            } else if (!extents.isEmpty()) {
                long[] extent = extents.remove(random.nextInt(extents.size()));
                allocator.free(extent[0], extent[1], volume.unmap(extent[0], extent[1]));
                owned -= extent[1];
            }
        }
        return owned;
    }

    @Test
    @Timeout(60)
    void theLastBlockIsWaitedForWhileItIsBeingZeroed() throws Exception {
        var zeroing = new CountDownLatch(1);
        var mayFinish = new CountDownLatch(1);
        var claims = new ZeroClaims() {
            @Override
            public long leave(long block, long count) {
                return 1;
            }

            @Override
            public long join(long block, long count) {
                return 1;
            }

            @Override
            public void commit(long lsn) {}

            @Override
            public long durableLsn() {
                if (zeroing.getCount() == 0) {
                    mayFinish.countDown(); // the allocation has looked, and found nothing
                }
                return 0;
            }

            @Override
            public void zeroAndPersist(long block, long count) throws IOException {
                zeroing.countDown();
                try {
                    mayFinish.await(50, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }

            @Override
            public void populate(long block, long count) {}
        };
        var loader = new AllocatorLoader(1, claims, Mutants.NONE);
        loader.addFree(0, 1);
        BlockAllocator allocator = loader.start();
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<Integer> refill = executor.submit(allocator::refill);
            zeroing.await();

            var run = new Run();
            assertThat(allocator.allocate(new Request(), run)).isTrue();

            assertThat(run.zeroed).isTrue();
            assertThat(refill.get()).isEqualTo(1);
        }
    }
}
