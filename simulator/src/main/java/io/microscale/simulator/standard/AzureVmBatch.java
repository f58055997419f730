package io.microscale.simulator.standard;

import io.microscale.core.demand.Trace;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the batch jobs of the Azure VM trace: four text files in one directory. A line of
/// `v1.dev.txt` is what arrived in 300 s, one letter a job; the same line of `v1.dev.c*.txt` has
/// the jobs' lifetimes as the number of a class, after a letter; `flav_map.txt` has the vCPU of
/// each letter and `v1.interval_map.txt` the lifetimes of each class.
final class AzureVmBatch {
  private static final int BIN_SECONDS = 300;
  private static final long LARGEST_FILE = 64L << 20;
  private static final String JOBS = "v1.dev.txt";
  private static final String LIFETIMES = "v1.dev.c*.txt";
  private static final String SIZES = "flav_map.txt";
  private static final String CLASSES = "v1.interval_map.txt";

  private final Map<String, Integer> vcpus = new HashMap<>();
  private final Map<String, Double> seconds = new HashMap<>();

  private AzureVmBatch() {}

  /// The vCPU-seconds that arrive at each second, at the first one of their 300 s.
  static double[] read(Path directory) throws IOException {
    var reader = new AzureVmBatch();
    reader.readSizes(directory.resolve(SIZES));
    reader.readClasses(directory.resolve(CLASSES));
    return reader.readJobs(directory.resolve(JOBS), lifetimes(directory));
  }

  private static Path lifetimes(Path directory) throws IOException {
    try (var files = Files.newDirectoryStream(directory, LIFETIMES)) {
      var found = files.iterator();
      if (!found.hasNext()) {
        throw new IllegalArgumentException(
            "%s: need one file %s, got none".formatted(directory, LIFETIMES));
      }
      var first = found.next();
      if (found.hasNext()) {
        throw new IllegalArgumentException(
            "%s: need one file %s, got several".formatted(directory, LIFETIMES));
      }
      return first;
    }
  }

  /// Lines such as `2,3.5 g`: the vCPU, the memory and the letter.
  private void readSizes(Path file) throws IOException {
    try (var lines = new Lines(file)) {
      for (var pair = lines.next(); pair != null; pair = lines.next()) {
        int comma = pair.left.indexOf(',');
        vcpus.put(
            pair.right,
            (int) lines.number("vCPU", pair.left.substring(0, comma < 0 ? 0 : comma), 1, 1 << 20));
      }
    }
  }

  /// Lines such as `3900 13`: a lifetime in seconds and its class. A class lasts as long as the
  /// middle between its shortest and its longest lifetime; 0 stands for less than one bin, so half
  /// of one.
  private void readClasses(Path file) throws IOException {
    var bounds = new HashMap<String, double[]>();
    try (var lines = new Lines(file)) {
      for (var pair = lines.next(); pair != null; pair = lines.next()) {
        double lifetime = lines.number("lifetime", pair.left, 0, 1e9);
        var bound = bounds.computeIfAbsent(pair.right, c -> new double[] {lifetime, lifetime});
        bound[0] = Math.min(bound[0], lifetime);
        bound[1] = Math.max(bound[1], lifetime);
      }
    }
    bounds.forEach(
        (name, bound) -> seconds.put(name, Math.max(BIN_SECONDS / 2.0, (bound[0] + bound[1]) / 2)));
  }

  private double[] readJobs(Path jobs, Path lifetimes) throws IOException {
    var work = new double[BIN_SECONDS];
    int length = 0;
    try (var sizes = new Lines(jobs);
        var classes = new Lines(lifetimes)) {
      double first = -1;
      for (var bin = sizes.next(); bin != null; bin = sizes.next()) {
        double at = sizes.number("time", bin.left, 0, 1e12);
        first = first < 0 ? at : first;
        double step = at - first;
        if (step < length || step % BIN_SECONDS != 0 || step >= Trace.MOST_POINTS) {
          throw sizes.mistake("time: need a later multiple of 300 s", bin.left);
        }
        var same = classes.next();
        if (same == null || !same.left.equals(bin.left)) {
          throw classes.mistake("need the time " + bin.left, same == null ? "no line" : same.left);
        }
        length = (int) step + BIN_SECONDS;
        work =
            length <= work.length ? work : Arrays.copyOf(work, Math.max(length, 2 * work.length));
        work[(int) step] = work(sizes, bin.right, classes, same.right);
      }
    }
    return Arrays.copyOf(work, length);
  }

  private double work(Lines sizes, String jobs, Lines classes, String lifetimes) {
    var letters = jobs.split(",", -1);
    var lasting = lifetimes.split(",", -1);
    if (letters.length != lasting.length) {
      throw classes.mistake(
          "need as many jobs as in " + JOBS + ", that is " + letters.length,
          Integer.toString(lasting.length));
    }
    double work = 0;
    for (int i = 0; i < letters.length; i++) {
      // A bar parts tenants; the list ends with a comma.
      if (letters[i].equals("|") || letters[i].isEmpty()) {
        continue;
      }
      var vcpu = vcpus.get(letters[i]);
      if (vcpu == null) {
        throw sizes.mistake("need a letter of " + SIZES, letters[i]);
      }
      var lifetime = lasting[i].isEmpty() ? null : seconds.get(lasting[i].substring(1));
      if (lifetime == null) {
        throw classes.mistake("need a letter and a class of " + CLASSES, lasting[i]);
      }
      work += vcpu * lifetime;
    }
    return work;
  }

  /// A line: what stands before its space, and after it.
  private record Pair(String left, String right) {}

  /// Reads a file of bounded size line by line and counts.
  private static final class Lines implements AutoCloseable {
    private final Path file;
    private final BufferedReader text;
    private int number;

    Lines(Path file) throws IOException {
      long size = Files.size(file);
      if (size > LARGEST_FILE) {
        throw new IllegalArgumentException(
            "%s: need at most %d bytes, got %d".formatted(file, LARGEST_FILE, size));
      }
      this.file = file;
      text = Files.newBufferedReader(file);
    }

    /// The next line that is not empty, or null at the end.
    @Nullable Pair next() throws IOException {
      var line = text.readLine();
      number++;
      while (line != null && line.isBlank()) {
        line = text.readLine();
        number++;
      }
      if (line == null) {
        return null;
      }
      var fields = line.strip().split(" +", -1);
      if (fields.length != 2) {
        throw mistake("need two fields", Integer.toString(fields.length));
      }
      return new Pair(fields[0], fields[1]);
    }

    double number(String name, String field, double least, double most) {
      try {
        double value = Double.parseDouble(field);
        if (value >= least && value <= most) {
          return value;
        }
      } catch (NumberFormatException _) {
        // Said below, with the field.
      }
      throw mistake("%s: need a number from %s to %s".formatted(name, least, most), field);
    }

    IllegalArgumentException mistake(String rule, String value) {
      return new IllegalArgumentException(
          "%s: line %d: %s, got '%s'".formatted(file, number, rule, value));
    }

    @Override
    public void close() throws IOException {
      text.close();
    }
  }
}
