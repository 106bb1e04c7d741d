package dev.holdfast.cli.text;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * A bar on a terminal, redrawn in place as work gets done; elsewhere nothing at all.
 *
 * <ol>
 *   <li>Opened by the command with what is done and how much of it there is.
 *   <li>{@link #done} from one thread; draws only when the shown figure changes.
 *   <li>{@link #close} wipes the bar, so that what follows starts on a clean line.
 * </ol>
 */
public final class Progress implements AutoCloseable {
    private static final int LABEL_MAX = 30;
    private static final int CELLS = 30;
    private static final String WIPE = "\r\033[K";

    private final PrintWriter target;
    private final Terminal terminal;
    private final String label;
    private final long total;
    private int shownPercent = -1;

    /**
     * Opens a bar for {@code total} steps; it stays unseen when {@code terminal} has no use for it.
     */
    public Progress(PrintWriter target, Terminal terminal, String label, long total) {
        this.target = target;
        this.terminal = terminal;
        this.label = label.length() > LABEL_MAX ? label.substring(0, LABEL_MAX) : label;
        this.total = Math.max(1, total);
    }

    /** Says how many steps are done by now. */
    public void done(long steps) {
        if (!terminal.canRedraw()) {
            return;
        }
        int percent = (int) Math.clamp(100.0 * steps / total, 0, 100);
        if (percent != shownPercent) {
            shownPercent = percent;
            draw(percent);
        }
    }

    @Override
    public void close() {
        if (shownPercent >= 0) {
            target.print(WIPE);
            target.flush();
            shownPercent = -1;
        }
    }

    private void draw(int percent) {
        int filled = percent * CELLS / 100;
        String head = "=".repeat(filled) + (filled < CELLS ? ">" : "");
        String bar = head + " ".repeat(CELLS - head.length());
        String shown = terminal.isColoured() ? "\033[32m" + bar + "\033[0m" : bar;
        target.print(WIPE + String.format(Locale.ROOT, "%s [%s] %3d%%", label, shown, percent));
        target.flush();
    }
}
