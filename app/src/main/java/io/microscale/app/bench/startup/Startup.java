package io.microscale.app.bench.startup;

import io.microscale.app.bench.Idle;
import io.microscale.app.bench.Quiet;
import io.microscale.app.bench.Samples;
import io.microscale.app.bench.startup.StartupReport.Measured;
import io.microscale.app.bench.startup.StartupReport.Missing;
import io.microscale.core.orchestrator.OrchestratorException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// Measures one kind after the other: waits for a quiet machine, starts the workload once without
/// looking, then as often as asked for, each time after a short quiet gap.
///
/// What cannot be measured is told with its reason and holds up nothing.
final class Startup {
  private final Quiet quiet;
  private final int runs;
  private final int vmRuns;
  private final Consumer<String> progress;
  private final List<Measured> measured = new ArrayList<>();
  private final List<Missing> missing = new ArrayList<>();

  /// Measures nothing yet.
  ///
  /// @param runs of everything that is no virtual machine
  Startup(Quiet quiet, int runs, int vmRuns, Consumer<String> progress) {
    this.quiet = quiet;
    this.runs = runs;
    this.vmRuns = vmRuns;
    this.progress = progress;
  }

  List<Measured> measured() {
    return List.copyOf(measured);
  }

  List<Missing> missing() {
    return List.copyOf(missing);
  }

  /// Measures all; what was measured before an interruption stays.
  void measure(List<Kind> kinds) throws InterruptedException {
    for (var kind : kinds) {
      measure(kind);
    }
  }

  private void measure(Kind kind) throws InterruptedException {
    var samples = new ArrayList<Double>();
    var idle = new Idle.Collector();
    progress.accept(kind.id() + ": preparing");
    try (var way = kind.opener().open()) {
      try {
        sample(kind, way, samples, idle);
      } finally {
        if (!samples.isEmpty()) {
          measured.add(new Measured(kind, way.how(), new Samples(samples), idle.idle()));
        }
      }
      progress.accept(
          String.format(
              Locale.ROOT, "%s: median %.1f ms", kind.id(), new Samples(samples).median()));
    } catch (Unavailable e) {
      miss(new Missing(kind, e.reason(), false));
    } catch (IOException | OrchestratorException e) {
      // Whoever is interrupted in a call to an engine gets its failure instead.
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      measured.removeIf(result -> result.kind().equals(kind));
      var after = samples.isEmpty() ? "" : "after %d starts: ".formatted(samples.size());
      miss(new Missing(kind, after + e.getMessage(), true));
    }
  }

  private void sample(Kind kind, Way way, List<Double> samples, Idle.Collector idle)
      throws IOException, InterruptedException {
    way.start();
    quiet.await();
    int wanted = kind.isVm() ? vmRuns : runs;
    progress.accept("%s: %d runs (%s)".formatted(kind.id(), wanted, way.how()));
    for (int i = 0; i < wanted; i++) {
      idle.add(quiet.gap());
      samples.add(way.start().toNanos() / 1e6);
    }
  }

  private void miss(Missing kind) {
    missing.add(kind);
    progress.accept("%s: not measured: %s".formatted(kind.kind().id(), kind.reason()));
  }
}
