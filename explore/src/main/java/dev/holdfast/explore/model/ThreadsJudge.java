package dev.holdfast.explore.model;

import dev.holdfast.CommitPolicy;
import dev.holdfast.Volume;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.Operation;
import dev.holdfast.explore.Violation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges the crashes in a run of several threads: operations that overlapped in time may have
 * happened in either order, so what recovers must be right in one of the orders in which whatever
 * had returned comes before whatever began after that.
 */
final class ThreadsJudge implements Judge {
    private static final int MAX_ORDERS = 5000;

    private final CommitPolicy policy;
    private final long emptyFreeBytes;
    /** What was done before the recording. */
    private final List<Step.Done> setup;
    /** By operation number; null where an operation was refused. */
    private final List<Step.Done> steps;
    private final List<Model> models = new ArrayList<>();
    private CrashPoint point;

    ThreadsJudge(CommitPolicy policy, long emptyFreeBytes, List<Step.Done> setup,
            List<Step.Done> steps) {
        this.policy = policy;
        this.emptyFreeBytes = emptyFreeBytes;
        this.setup = setup;
        this.steps = steps;
    }

    @Override
    public void judge(Volume recovered, CrashPoint at) throws IOException {
        if (at != point) {
            models.clear();
            List<Operation> begun = new ArrayList<>(at.completed());
            begun.addAll(at.inProgress());
            order(at, begun, new ArrayList<>());
            point = at;
        }
        Observed found = Observed.of(recovered);
        Violation first = null;
        for (Model model : models) {
            try {
                Oracle.match(model, found);
                found.requireSpace(recovered, emptyFreeBytes);
                return;
            } catch (Violation violation) {
                first = first == null ? violation : first;
            }
        }
        throw new Violation("none of " + models.size() + " orders of the operations allows this; by"
                + " one of them " + first.getMessage(), first);
    }

    /** Adds a model for each order of what is left that goes on from a beginning. */
    private void order(CrashPoint at, List<Operation> left, List<Operation> order) {
        if (left.isEmpty()) {
            if (models.size() == MAX_ORDERS) {
                throw new IllegalStateException("too many operations overlap");
            }
            models.add(model(at, order));
            return;
        }
        for (Operation next : left) {
            if (left.stream().allMatch(other -> next.begin() < other.end())) {
                List<Operation> rest = new ArrayList<>(left);
                rest.remove(next);
                order.add(next);
                order(at, rest, order);
                order.removeLast();
            }
        }
    }

    private Model model(CrashPoint at, List<Operation> order) {
        Model model = new Model(policy);
        for (Step.Done done : setup) {
            done.begin(model);
            done.complete(model);
        }
        for (Operation operation : order) {
            Step.Done done = steps.get(operation.number());
            if (done != null) {
                done.begin(model);
                if (at.completed().contains(operation)) {
                    model.complete();
                }
            }
        }
        return model;
    }
}
