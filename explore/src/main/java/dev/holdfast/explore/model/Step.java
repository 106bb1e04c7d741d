package dev.holdfast.explore.model;

/** A step of a run, as the model takes it again. */
sealed interface Step {
    /**
     * An operation.
     *
     * @param operation its number in the recording; -1 before it
     * @param played null for one that was refused
     * @param changeLsn of the volume when it had returned
     * @param durableLsn likewise
     */
    record Done(int operation, Player.Played played, long changeLsn, long durableLsn)
            implements Step {
        void begin(Model model) {
            if (played != null) {
                played.begin(model);
            }
        }

        void complete(Model model) {
            if (played != null) {
                model.complete();
                model.completed(changeLsn);
            }
            model.requireDurable(durableLsn);
        }
    }

    /** A crash, and what was recovered, which is durable from then on. */
    record Recovered(Observed found) implements Step {
        void apply(Model model) {
            model.restart(Oracle.recovered(model, found));
        }
    }
}
