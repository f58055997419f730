package io.microscale.simulator.standard;

import io.microscale.core.demand.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/// Batch work as it arrives, in slot-seconds a step. It can be split at will: as much of it runs at
/// a time as there are slots and whole or broken slot-seconds waiting. Immutable.
public final class Backlog {
  private static final Backlog ENDLESS =
      new Backlog("endless", new double[] {Double.POSITIVE_INFINITY});

  private final String name;
  private final double[] arriving;

  private Backlog(String name, double[] arriving) {
    this.name = name;
    this.arriving = arriving;
  }

  /// More work than any run can do.
  public static Backlog endless() {
    return ENDLESS;
  }

  /// Work that arrives as given and no more after that.
  ///
  /// @param slotSeconds what arrives at each step, from step 0
  /// @throws IllegalArgumentException naming the step that is not a finite number >= 0
  public static Backlog of(String name, double... slotSeconds) {
    if (slotSeconds.length > Trace.MOST_POINTS) {
      throw new IllegalArgumentException(
          "%s: need at most %d steps, got %d"
              .formatted(name, Trace.MOST_POINTS, slotSeconds.length));
    }
    for (int step = 0; step < slotSeconds.length; step++) {
      if (!(slotSeconds[step] >= 0 && Double.isFinite(slotSeconds[step]))) {
        throw new IllegalArgumentException(
            "%s: step %d: need a finite number >= 0, got %s"
                .formatted(name, step, slotSeconds[step]));
      }
    }
    return new Backlog(name, slotSeconds.clone());
  }

  /// Reads the batch jobs of the Azure VM trace from the directory that holds them: each is as much
  /// work as its vCPU lasted, and a slot is one vCPU. They are far more than a pool of 100 slots
  /// can do: see [#scaledTo].
  ///
  /// @throws IOException if a file cannot be read
  /// @throws IllegalArgumentException naming the file, the line, the rule and the value that breaks
  ///   it
  public static Backlog read(Path directory) throws IOException {
    return of(String.valueOf(directory.getFileName()), AzureVmBatch.read(directory));
  }

  /// This backlog with every arrival multiplied by one factor, so that so much work arrives within
  /// the first steps. One without any stays so.
  ///
  /// @param steps how many steps from the first one are counted
  /// @param slotSeconds the work that arrives in them
  public Backlog scaledTo(int steps, double slotSeconds) {
    double sum = 0;
    for (int step = 0; step < steps; step++) {
      sum += arriving(step);
    }
    if (sum == 0) {
      return this;
    }
    if (Double.isInfinite(sum)) {
      throw new IllegalArgumentException(name + ": need a finite backlog to scale, got " + sum);
    }
    double factor = slotSeconds / sum;
    return of(name, Arrays.stream(arriving).map(work -> work * factor).toArray());
  }

  public String name() {
    return name;
  }

  /// The slot-seconds of work that arrive at a step.
  public double arriving(int step) {
    return step < arriving.length ? arriving[step] : 0;
  }

  /// All work that ever arrives, in slot-seconds; infinite if endless.
  public double total() {
    return Arrays.stream(arriving).sum();
  }

  @Override
  public String toString() {
    return name;
  }
}
