package dev.holdfast.explore.model;

import dev.holdfast.CommitPolicy;
import dev.holdfast.Volume;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Judge;
import java.io.IOException;
import java.util.List;

/**
 * Judges the crashes in a run of one thread: at each point the model is brought to where the run
 * was, which costs little when points come in order, and then serves all states of the point.
 */
final class ModelJudge implements Judge {
    private final CommitPolicy policy;
    private final long emptyFreeBytes;
    private final List<Step> steps;
    private final int stepsBefore;
    private CrashPoint point;
    private Model model;
    /** Steps that the model has begun, the last of which may not be complete. */
    private int begun;
    private int completed;

    /**
     * @param stepsBefore how many steps had been taken when the recording began
     */
    ModelJudge(CommitPolicy policy, long emptyFreeBytes, List<Step> steps, int stepsBefore) {
        this.policy = policy;
        this.emptyFreeBytes = emptyFreeBytes;
        this.steps = steps;
        this.stepsBefore = stepsBefore;
    }

    @Override
    public void judge(Volume recovered, CrashPoint at) throws IOException {
        if (at != point) {
            moveTo(stepsBefore + at.completed().size(), at.inProgress().size());
            point = at;
        }
        Observed found = Observed.of(recovered);
        Oracle.match(model, found);
        found.requireSpace(recovered, emptyFreeBytes);
    }

    private void moveTo(int complete, int inProgress) {
        if (model == null || complete < completed || complete + inProgress < begun) {
            model = new Model(policy);
            begun = 0;
            completed = 0;
        }
        while (completed < complete) {
            begin();
            if (steps.get(completed) instanceof Step.Done done) {
                done.complete(model);
            }
            completed++;
        }
        if (inProgress > 0) {
            begin();
        }
    }

    private void begin() {
        if (begun > completed) {
            return;
        }
        switch (steps.get(begun)) {
            case Step.Done done -> done.begin(model);
            case Step.Recovered found -> found.apply(model);
        }
        begun++;
    }
}
