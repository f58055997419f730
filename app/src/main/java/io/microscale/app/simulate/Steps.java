package io.microscale.app.simulate;

import io.microscale.app.Terminal;
import io.microscale.simulator.standard.Step;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where the seconds of a simulation go: to a file if one is wanted, and into the progress that a
/// terminal shows.
final class Steps implements Consumer<Step>, AutoCloseable {
  private static final String ERASE = "\r\u001b[2K";

  private final Optional<StepsCsv> csv;
  private final PrintWriter err;
  private final boolean shows;
  private int all;
  private int shownPercent = -1;

  Steps(@Nullable Path file, PrintWriter err) {
    this.csv = Optional.ofNullable(file).map(StepsCsv::create);
    this.err = err;
    this.shows = Terminal.look(System.getenv()).isPresent();
  }

  /// So many are to come.
  void of(int seconds) {
    all = seconds;
  }

  @Override
  public void accept(Step step) {
    csv.ifPresent(file -> file.accept(step));
    int percent = (int) (100L * (step.t() + 1) / Math.max(1, all));
    if (shows && percent != shownPercent) {
      shownPercent = percent;
      err.print("%s%3d %% of %d s".formatted(ERASE, percent, all));
      err.flush();
    }
  }

  @Override
  public void close() {
    csv.ifPresent(StepsCsv::close);
    if (shownPercent >= 0) {
      err.print(ERASE);
      err.flush();
    }
  }
}
