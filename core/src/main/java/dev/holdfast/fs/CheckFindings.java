package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.CheckReport;
import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.CheckReport.Finding;
import dev.holdfast.file.CheckReport.Place;
import dev.holdfast.file.CheckReport.Severity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A {@link CheckReport} in the making. Bounded, however damaged the volume is. */
final class CheckFindings {
    private static final String REPAIR =
            "copy what can be read, then restore the volume from a backup";
    private static final String REWRITE = "open the volume and close it: this writes the copy anew";
    private static final String NOTHING = "nothing to do";

    private final List<Finding> findings = new ArrayList<>();
    private long omitted;

    int slots;
    long logRecords;
    long nodes;
    long items;
    long inodes;
    long names;
    long extents;
    long blocks;
    long knownZeroBlocks;
    long knownZeroBlocksRead;

    /** A step of the check that meets damage by exception. */
    interface Step {
        void run() throws IOException;
    }

    void damage(Area area, Place place, String problem) {
        add(new Finding(Severity.DAMAGE, area, place, problem, REPAIR));
    }

    /** A spare copy is lost that a mount and a checkpoint or two bring back. */
    void spareLost(Area area, Place place, String problem) {
        add(new Finding(Severity.WARNING, area, place, problem, REWRITE));
    }

    void warn(Area area, Place place, String problem, String advice) {
        add(new Finding(Severity.WARNING, area, place, problem, advice));
    }

    void note(Area area, Place place, String problem) {
        add(new Finding(Severity.NOTE, area, place, problem, NOTHING));
    }

    private void add(Finding finding) {
        if (findings.size() < CheckReport.MAX_FINDINGS) {
            findings.add(finding);
        } else if (finding.severity() != Severity.NOTE) {
            omitted++;
        }
    }

    /**
     * Runs a step; damage that it throws becomes a finding.
     *
     * @return whether the step ended well
     * @throws IOException what is no damage: the device failed
     */
    boolean collect(Area area, Place place, Step step) throws IOException {
        try {
            step.run();
            return true;
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.CORRUPT) {
                throw e;
            }
            damage(area, place, e.getMessage());
            return false;
        }
    }

    CheckReport report() {
        findings.sort(Comparator.comparing(Finding::area));
        return new CheckReport(findings, omitted, new CheckReport.Examined(slots, logRecords,
                nodes, items, inodes, names, extents, blocks, knownZeroBlocks,
                knownZeroBlocksRead));
    }
}
