package dev.holdfast.explore.workload;

import dev.holdfast.explore.Bounds;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;

/**
 * Shows that each way to break the protocol is noticed: by a workload, whose crashes show it, or,
 * where no crash of one thread can, by a named test.
 */
public final class MutantHunt {
    /** What catches a mutant: a workload or a test, of which the other is null. */
    public record Catcher(String workload, String test) {
        private static Catcher workload(String name) {
            return new Catcher(name, null);
        }

        private static Catcher test(String name) {
            return new Catcher(null, name);
        }
    }

    /**
     * How a hunt went.
     *
     * @param caught whether the workload showed a violation; false for what a test catches
     * @param finding what it showed, or null
     * @param states explored until then
     */
    public record Hunt(Mutant mutant, Catcher catcher, boolean caught, Finding finding,
            long states, long nanos) {}

    private MutantHunt() {}

    /** Returns what catches a mutant. */
    public static Catcher catcher(Mutant mutant) {
        return switch (mutant) {
            case ENTRY_BEFORE_FDATASYNC -> Catcher.workload("two-threads");
            case FDATASYNC_SKIPPED, BARRIER_DROPPED, SYNC_FLAG_DROPPED ->
                    Catcher.workload("sync-store-to-a-hole");
            case ZEROES_NOT_DURABLE -> Catcher.workload("stale-blocks-reused");
            case FREED_BLOCK_REUSED_AT_ONCE -> Catcher.workload("freed-blocks-wanted");
            case FREED_BLOCK_ZEROED_EARLY -> Catcher.workload("freed-blocks-zeroed-ahead");
            case KNOWN_ZERO_CLAIM_NOT_DURABLE -> Catcher.workload("known-zero-after-a-crash");
            case DIRTY_FORGOTTEN_UNWRITTEN -> Catcher.workload("sync-store-to-unwritten");
            case DIRTY_FORGOTTEN_NAMING -> Catcher.workload("sync-store-after-rename");
            case EPOCH_NOT_RENEWED -> Catcher.workload("epoch-after-a-crash");
            case SLOT_BEFORE_TREE -> Catcher.workload("checkpoints");
            case HUGE_ENTRY_PERSISTED_AS_SMALL, HUGE_ENTRY_NOT_PROTECTED ->
                    Catcher.workload("huge-plain-stores-and-fsync");
            case ORPHAN_NOT_RECORDED -> Catcher.workload("unlinked-and-mapped");
            case RENAME_IN_TWO_RECORDS -> Catcher.workload("rename");
            case RENAME_WITHOUT_DATA -> Catcher.workload("rename-over-a-name");
            case TAIL_NOT_ZEROED -> Catcher.workload("stores-past-the-end");
            case TAIL_ZEROED_EARLY -> Catcher.workload("truncate-into-a-block");
            // Memory that was damaged, write-backs that failed, an iomap's flag: no power cut.
            case DIRTY_FORGOTTEN_PAST_EOF ->
                    Catcher.test("MutantDirectedTest#theMutantForgetsTheLastPage");
            case LIVE_NODES_REUSED ->
                    Catcher.test("MutantDirectedTest#theMutantDamagesTheOlderCheckpoint");
            case LSN_NOT_IN_CHECKSUM ->
                    Catcher.test("MutantDirectedTest#theMutantReplaysAnOlderLap");
            case WITNESS_IGNORED ->
                    Catcher.test("MutantDirectedTest#theMutantForgetsDurableChanges");
            case FAILED_WRITE_BACK_FORGOTTEN ->
                    Catcher.test("MutantDirectedTest#theMutantForgetsAFailedWriteBack");
            // Threads inside one fault, mappings of several processes, counters.
            case DIRTY_MARK_AFTER_ENTRY -> Catcher.test("WritebackTest#dirtyMarkAfterEntry");
            case ONE_MAPPING_PROTECTED -> Catcher.test("WritebackTest#oneMappingProtected");
            case MAPPINGS_BY_FIRST_PAGE -> Catcher.test("WritebackTest#mappingsByFirstPage");
            case HUGE_FAULT_WAITS_FOR_SMALL ->
                    Catcher.test("FaultMutantsTest#hugeFaultWaitsForSmall");
            case NO_ENTRY_IS_CONFLICT -> Catcher.test("FaultMutantsTest#noEntryIsConflict");
            case WAKE_UP_LOST -> Catcher.test("FaultMutantsTest#wakeUpLost");
            case PRIVATE_STORE_TAKEN_FOR_SHARED ->
                    Catcher.test("FaultMutantsTest#privateStoreTakenForShared");
            case READ_ONLY_MAPPING_WRITTEN ->
                    Catcher.test("FaultMutantsTest#readOnlyMappingWritten");
            case STALE_ZERO_PAGE_LEFT -> Catcher.test("DaxIoTest#staleZeroPageLeft");
            case LOCKED_ENTRY_SKIPPED -> Catcher.test("LayoutRaceTest#lockedEntrySkipped");
        };
    }

    /** Runs the workload that catches a mutant until it does; nothing where a test catches it. */
    public static Hunt hunt(Mutant mutant, Catalogue catalogue, Bounds bounds)
            throws IOException {
        Catcher catcher = catcher(mutant);
        if (catcher.workload() == null) {
            return new Hunt(mutant, catcher, false, null, 0, 0);
        }
        Campaign campaign =
                new Campaign(bounds.maxViolations(1), Mutants.of(mutant), Campaign.Listener.NONE);
        Outcome outcome = campaign.explore(catalogue.named(catcher.workload()));
        boolean caught = !outcome.findings().isEmpty();
        return new Hunt(mutant, catcher, caught, caught ? outcome.findings().getFirst() : null,
                outcome.states(), campaign.nanos());
    }
}
