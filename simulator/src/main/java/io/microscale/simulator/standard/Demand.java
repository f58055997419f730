package io.microscale.simulator.standard;

import io.microscale.core.demand.Trace;
import io.microscale.core.demand.TraceCsv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Demand of the time-critical service in replicas, one value a step of one second. Immutable.
public final class Demand {
  private static final String SUFFIX = ".csv";

  private final String name;
  private final double[] replicas;

  private Demand(String name, double[] replicas) {
    this.name = name;
    this.replicas = replicas;
  }

  /// Demand made of the values given.
  ///
  /// @param name what reports call it
  /// @param replicas the demand of each step, at least one
  /// @throws IllegalArgumentException naming the step that is not a finite number >= 0
  public static Demand of(String name, double... replicas) {
    if (replicas.length == 0 || replicas.length > Trace.MOST_POINTS) {
      throw new IllegalArgumentException(
          "%s: need 1 to %d steps, got %d".formatted(name, Trace.MOST_POINTS, replicas.length));
    }
    for (int step = 0; step < replicas.length; step++) {
      if (!(replicas[step] >= 0 && Double.isFinite(replicas[step]))) {
        throw new IllegalArgumentException(
            "%s: step %d: need a finite number >= 0, got %s".formatted(name, step, replicas[step]));
      }
    }
    return new Demand(name, replicas.clone());
  }

  /// Reads a trace with the header `t_s,demand`; the demand's name is the file's without `.csv`. A
  /// point holds until the next; the last one is one step long.
  ///
  /// @throws IOException if the file cannot be read
  /// @throws IllegalArgumentException naming the file, the line, the rule and the value that breaks
  ///   it; times must be whole seconds
  public static Demand read(Path csv) throws IOException {
    List<Trace.Point> points;
    try {
      points = TraceCsv.parse(Files.newBufferedReader(csv));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(csv + ": " + e.getMessage(), e);
    }
    double first = points.getFirst().seconds();
    double length = points.getLast().seconds() - first + 1;
    if (length > Trace.MOST_POINTS) {
      throw new IllegalArgumentException(
          "%s: need at most %d seconds, got %s".formatted(csv, Trace.MOST_POINTS, length));
    }
    var replicas = new double[(int) length];
    int step = 0;
    double before = 0;
    for (var point : points) {
      double at = point.seconds() - first;
      if (at != Math.rint(at)) {
        throw new IllegalArgumentException(
            "%s: t_s: need whole seconds, got %s".formatted(csv, point.seconds()));
      }
      while (step < at) {
        replicas[step++] = before;
      }
      replicas[step++] = point.demand();
      before = point.demand();
    }
    var file = String.valueOf(csv.getFileName());
    return of(
        file.endsWith(SUFFIX) ? file.substring(0, file.length() - SUFFIX.length()) : file,
        replicas);
  }

  public String name() {
    return name;
  }

  /// The number of steps.
  public int length() {
    return replicas.length;
  }

  /// The demand of a step, in replicas.
  ///
  /// @param step from 0, less than the length
  public double at(int step) {
    return replicas[step];
  }

  /// The highest demand of any step.
  public double peak() {
    double peak = 0;
    for (double value : replicas) {
      peak = Math.max(peak, value);
    }
    return peak;
  }

  /// This demand with every step multiplied by one factor so that the highest is `peak`. A demand
  /// that is zero throughout stays so.
  public Demand scaledToPeak(double peak) {
    double highest = peak();
    if (highest == 0) {
      return this;
    }
    var scaled = new double[replicas.length];
    for (int step = 0; step < scaled.length; step++) {
      // Divided first: the peak itself then comes out exact and never needs a slot too many.
      scaled[step] = replicas[step] / highest * peak;
    }
    return of(name, scaled);
  }

  @Override
  public String toString() {
    return "%s (%d steps)".formatted(name, replicas.length);
  }
}
