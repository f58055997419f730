package io.microscale.app.compare;

import io.microscale.app.Terminal;
import io.microscale.simulator.comparison.Progress;
import java.io.PrintWriter;
import java.util.Optional;

/// Shows how far it is: as a bar that is drawn over where the error output is a terminal, else as a
/// line every tenth of the way.
final class RunProgress implements Progress, AutoCloseable {
  private static final int WIDTH = 40;
  private static final int TENTH = 10;
  private static final String ERASE = "\r\u001b[2K";

  private final PrintWriter err;
  private final boolean overwrites;
  private final String what;
  private int shownPercent = -1;

  /// @param what is done, for example `runs`
  RunProgress(PrintWriter err, Optional<Terminal> terminal, String what) {
    this.err = err;
    this.overwrites = terminal.isPresent() && terminal.get().columns() > WIDTH * 2;
    this.what = what;
  }

  @Override
  public void made(int runs, int of) {
    int percent = (int) (100L * runs / of);
    if (percent == shownPercent) {
      return;
    }
    if (overwrites) {
      int full = percent * WIDTH / 100;
      err.print(
          "%s[%s%s] %3d %% of %d %s"
              .formatted(ERASE, "#".repeat(full), " ".repeat(WIDTH - full), percent, of, what));
    } else if (percent / TENTH != shownPercent / TENTH || shownPercent < 0) {
      err.println("microscale: %d %% of %d %s".formatted(percent, of, what));
    }
    err.flush();
    shownPercent = percent;
  }

  /// Takes the bar away.
  @Override
  public void close() {
    if (overwrites && shownPercent >= 0) {
      err.print(ERASE);
      err.flush();
    }
  }
}
