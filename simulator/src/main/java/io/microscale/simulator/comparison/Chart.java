package io.microscale.simulator.comparison;

import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Step;
import io.microscale.simulator.standard.Terms;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// One run, drawn small enough to be looked at: the whole of it in parts that tell their least and
/// their most, and its hard minutes second by second.
///
/// @param whole the whole run
/// @param steepest the seconds around the steepest rise of the demand; the same for every policy
/// @param worst the seconds with the most unserved demand; empty if all was served
public record Chart(Parts whole, Seconds steepest, Optional<Seconds> worst) {
  /// How long a close look is beside the start latency, which it shows up to a bound.
  private static final int LOOK_SECONDS = 60;

  private static final int MOST_START_SECONDS = 240;

  /// The rise is looked for over so many seconds, and begins a third into the close look.
  private static final int RISE_SECONDS = 10;

  /// The run in parts of as equal length as whole seconds allow. Each array has one value a part:
  /// the least, the most or the mean of its seconds. No second is left out, so a peak of one second
  /// is seen however long the run is.
  ///
  /// @param readyMean replicas that serve
  /// @param heldMost slots of the service, those that start included
  /// @param batchMost slots of batch work
  /// @param unservedMost replicas that were missing
  @SuppressWarnings("ArrayRecordComponent") // thousands of numbers, for drawing only
  public record Parts(
      double[] demandLeast,
      double[] demandMost,
      double[] readyMean,
      int[] heldMost,
      int[] batchMost,
      double[] unservedMost) {
    public int count() {
      return demandLeast.length;
    }
  }

  /// Some seconds of the run. Each array has one value a second.
  ///
  /// @param from the first second
  /// @param held slots of the service, those that start included
  /// @param batch slots of batch work
  @SuppressWarnings("ArrayRecordComponent") // as above
  public record Seconds(int from, double[] demand, int[] ready, int[] held, int[] batch) {
    public int count() {
      return demand.length;
    }
  }

  /// A run of a comparison to draw.
  ///
  /// @param trace which of its traces, from 0
  public record Run(Comparison comparison, Policy policy, int trace, Terms terms) {
    public Demand demand() {
      return comparison.traces().get(trace);
    }

    /// How many seconds a close look at it has.
    public int lookSeconds() {
      return Math.min(
          demand().length(), LOOK_SECONDS + Math.min(terms.startLatency(), MOST_START_SECONDS));
    }
  }

  /// Makes the runs and draws them.
  ///
  /// @param parts how many parts each chart has at most, at least 1
  /// @param threads how many runs are made at the same time, at least 1
  /// @return one chart for each run, in their order
  /// @throws InterruptedException if the calling thread is interrupted; no run goes on then
  public static List<Chart> all(List<Run> runs, int parts, int threads, Progress progress)
      throws InterruptedException {
    return Workers.all(
        runs.stream().map(run -> (Callable<Chart>) () -> of(run, parts)).toList(),
        threads,
        made -> progress.made(made, runs.size()));
  }

  /// Makes one run and draws it.
  public static Chart of(Run run, int parts) {
    if (parts < 1) {
      throw new IllegalArgumentException("parts: need >= 1, got " + parts);
    }
    var demand = run.demand();
    var steps = new Steps(demand);
    run.comparison().standardRun(demand, run.terms()).run(run.policy(), steps::add);
    int look = run.lookSeconds();
    int steepest = Math.clamp(steps.steepestRise() - look / 3L, 0, demand.length() - look);
    return new Chart(
        steps.parts(Math.min(parts, demand.length())),
        steps.seconds(steepest, look),
        steps.mostUnserved(look).map(from -> steps.seconds(from, look)));
  }

  /// All steps of a run, for as long as it takes to draw them.
  private static final class Steps {
    private final Demand demand;
    private final int[] ready;
    private final int[] held;
    private final int[] batch;

    Steps(Demand demand) {
      this.demand = demand;
      this.ready = new int[demand.length()];
      this.held = new int[demand.length()];
      this.batch = new int[demand.length()];
    }

    void add(Step step) {
      ready[step.t()] = step.ready();
      held[step.t()] = step.ready() + step.starting();
      batch[step.t()] = step.batchRunning();
    }

    double unserved(int t) {
      return Math.max(0, demand.at(t) - ready[t]);
    }

    /// The second before the largest rise.
    int steepestRise() {
      int at = 0;
      double largest = 0;
      for (int t = 0; t < demand.length(); t++) {
        for (int later = t + 1; later <= Math.min(t + RISE_SECONDS, demand.length() - 1); later++) {
          if (demand.at(later) - demand.at(t) > largest) {
            largest = demand.at(later) - demand.at(t);
            at = t;
          }
        }
      }
      return at;
    }

    /// The first second of the `length` seconds with the most unserved demand; the middle where
    /// several that follow each other have as much.
    Optional<Integer> mostUnserved(int length) {
      double sum = 0;
      double most = 0;
      int first = 0;
      int last = -1;
      for (int t = 0; t < demand.length(); t++) {
        sum += unserved(t);
        if (t >= length) {
          sum -= unserved(t - length);
        }
        int from = t - length + 1;
        // More or less than what is left of the sum by rounding.
        if (sum > most + 1e-9) {
          most = sum;
          first = from;
          last = from;
        } else if (last == from - 1 && sum > most - 1e-9) {
          last = from;
        }
      }
      return most == 0
          ? Optional.empty()
          : Optional.of(Math.clamp((first + last) / 2, 0, demand.length() - length));
    }

    Seconds seconds(int from, int length) {
      var cut = new double[length];
      for (int i = 0; i < length; i++) {
        cut[i] = demand.at(from + i);
      }
      return new Seconds(
          from,
          cut,
          Arrays.copyOfRange(ready, from, from + length),
          Arrays.copyOfRange(held, from, from + length),
          Arrays.copyOfRange(batch, from, from + length));
    }

    Parts parts(int count) {
      var parts =
          new Parts(
              new double[count],
              new double[count],
              new double[count],
              new int[count],
              new int[count],
              new double[count]);
      for (int part = 0; part < count; part++) {
        int from = (int) ((long) demand.length() * part / count);
        int to = (int) ((long) demand.length() * (part + 1) / count);
        parts.demandLeast[part] = demand.at(from);
        for (int t = from; t < to; t++) {
          parts.demandLeast[part] = Math.min(parts.demandLeast[part], demand.at(t));
          parts.demandMost[part] = Math.max(parts.demandMost[part], demand.at(t));
          parts.readyMean[part] += (double) ready[t] / (to - from);
          parts.heldMost[part] = Math.max(parts.heldMost[part], held[t]);
          parts.batchMost[part] = Math.max(parts.batchMost[part], batch[t]);
          parts.unservedMost[part] = Math.max(parts.unservedMost[part], unserved(t));
        }
      }
      return parts;
    }
  }
}
