package io.microscale.benchmarks;

import com.sun.management.ThreadMXBean;
import io.microscale.core.demand.Reading;
import io.microscale.core.scaling.Headroom;
import io.microscale.core.scaling.Learning;
import io.microscale.core.scaling.Outlook;
import io.microscale.core.scaling.Parts;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Score;
import io.microscale.simulator.standard.StandardRun;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// What each part of the learned headroom is worth, on the standard run: each part left out in
/// turn; its numbers chosen on all traces but one and judged on that one; the traces turned about
/// and scaled; other risks; and what a reading costs.
///
/// Argument: the directory of the traces (`examples/traces`). Nothing is random. Batch work is in
/// percent of a clairvoyant's, unserved demand in percent of all demand. The same traces give the
/// same text, but for the last section, which is of this machine.
public final class HeadroomAblation {
  private static final List<Terms> TERMS = List.of(Terms.stopping(1), Terms.pausing());
  private static final int THREADS = 2;

  /// What a setting may leave unserved on any trace, in percent.
  private static final double SAFE = 0.1;

  private static final int MEASURED_LEARNINGS = 400;

  private HeadroomAblation() {}

  public static void main(String[] args)
      throws IOException, InterruptedException, ExecutionException {
    var traces = traces(Path.of(args.length > 0 ? args[0] : "examples/traces"));
    for (var terms : TERMS) {
      print("## Parts, %s", terms.name());
      table(scores(variants(), traces, terms), traces);
    }
    for (var terms : TERMS) {
      leaveOneOut(traces, terms);
    }
    for (var terms : TERMS) {
      robustness(traces, terms);
    }
    for (var terms : TERMS) {
      print("## Risk, %s", terms.name());
      table(scores(risks(), traces, terms), traces);
    }
    cost(Collections.max(traces, Comparator.comparingInt(Demand::length)));
  }

  private static List<Demand> traces(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      var traces = new ArrayList<Demand>();
      for (var file : files.filter(f -> f.toString().endsWith(".csv")).sorted().toList()) {
        traces.add(Demand.read(file));
      }
      if (traces.size() < 2) {
        throw new IllegalArgumentException(
            "%s: need >= 2 traces, got %d".formatted(directory, traces.size()));
      }
      return traces;
    }
  }

  // What is compared.

  private static Map<String, Policy> variants() {
    int trusted = Parts.ALL.trusted();
    var variants = new LinkedHashMap<String, Policy>();
    variants.put("all parts", of(Parts.ALL));
    variants.put("no prediction", without(false, true, true, true, true, trusted));
    variants.put("misses not told", without(true, false, true, true, true, trusted));
    variants.put("returns after time only", without(true, true, false, true, true, trusted));
    variants.put("worst rush not feared", without(true, true, true, false, true, trusted));
    variants.put("no correction", without(true, true, true, true, false, trusted));
    variants.put("no cold start", without(true, true, true, true, true, 1));
    return variants;
  }

  private static Policy without(
      boolean predicts,
      boolean tells,
      boolean returnsByPrediction,
      boolean fearsWorst,
      boolean corrects,
      int trusted) {
    return of(
        new Parts(
            predicts,
            tells,
            returnsByPrediction,
            fearsWorst,
            corrects,
            Parts.ALL.spent(),
            trusted,
            Parts.ALL.kept()));
  }

  private static Map<String, Policy> numbers() {
    var numbers = new LinkedHashMap<String, Policy>();
    for (double spent : new double[] {0.90, 0.95, 1.0}) {
      for (int trusted : new int[] {60, 120, 240}) {
        for (double kept : new double[] {0.9998, 0.9999, 0.99995}) {
          numbers.put(
              "spent %s, trusted %d, kept %s".formatted(spent, trusted, kept),
              of(new Parts(true, true, true, true, true, spent, trusted, kept)));
        }
      }
    }
    return numbers;
  }

  private static Map<String, Policy> risks() {
    var risks = new LinkedHashMap<String, Policy>();
    for (double risk : new double[] {0.01, 0.001, 0.0001}) {
      risks.put(
          "risk %s %%".formatted(risk * 100), new Learned(new Headroom.Learned(risk), Parts.ALL));
    }
    return risks;
  }

  private static Policy of(Parts parts) {
    return new Learned(Headroom.Learned.DEFAULT, parts);
  }

  /// As an engine claims, but with the parts given.
  private record Learned(Headroom.Learned headroom, Parts parts) implements Policy {
    @Override
    public String name() {
      return "%s, %s".formatted(headroom, parts);
    }

    @Override
    public Rule start(Terms terms) {
      var outlook = outlook(terms);
      return new Rule() {
        private Learning learning = Learning.of(headroom, parts, terms.slots());

        @Override
        public int wanted(View view) {
          if (view.step() > 0) {
            learning =
                learning.take(
                    reading(view.step() - 1, view.seen()), view.seen(), outlook, view.slots());
          }
          return learning.claim();
        }
      };
    }
  }

  private static Reading.Value reading(int step, double demand) {
    return new Reading.Value(demand, Instant.EPOCH.plusSeconds(step));
  }

  private static Outlook outlook(Terms terms) {
    return new Outlook(
        Duration.ofSeconds(terms.startLatency()),
        Duration.ofMillis(Math.round(terms.stopLoses() * 1000)),
        Duration.ofMillis(Math.round(terms.batchStartCosts() * 1000)));
  }

  // Sections.

  /// For each trace the numbers that are best on all the others, judged on the one that they have
  /// not seen.
  private static void leaveOneOut(List<Demand> traces, Terms terms)
      throws InterruptedException, ExecutionException {
    var settings = scores(numbers(), traces, terms);
    print("## Numbers chosen on the other traces, %s", terms.name());
    print("| judged on | chosen | unserved | batch |");
    print("|---|---|---|---|");
    var judged = new ArrayList<Score>();
    for (int left = 0; left < traces.size(); left++) {
      int out = left;
      var others = IntStream.range(0, traces.size()).filter(i -> i != out).toArray();
      var chosen = chosen(settings, others);
      var score = chosen.getValue().get(left);
      judged.add(score);
      print(
          "| %s | %s | %s | %s |",
          traces.get(left).name(), chosen.getKey(), unserved(score), batch(score));
    }
    print("");
    print(
        "batch: mean %.1f, worst %.1f; unserved: worst %.3f",
        mean(judged), worstBatch(judged), worstUnserved(judged));
    Comparator<Map.Entry<String, List<Score>>> byMean =
        Comparator.comparingDouble(e -> mean(e.getValue()));
    for (var edge :
        List.of(
            Collections.min(settings.entrySet(), byMean),
            Collections.max(settings.entrySet(), byMean))) {
      print(
          "of the %d, mean batch %.1f: %s (worst %.1f, unserved at most %.3f)",
          settings.size(),
          mean(edge.getValue()),
          edge.getKey(),
          worstBatch(edge.getValue()),
          worstUnserved(edge.getValue()));
    }
    print(
        "of the %d, within %s %% unserved on every trace: %d",
        settings.size(),
        SAFE,
        settings.values().stream().filter(s -> worstUnserved(s) <= SAFE).count());
    print("");
  }

  /// Of the settings that are safe on these traces the one with the most batch work; if none is,
  /// the one that leaves the least unserved.
  private static Map.Entry<String, List<Score>> chosen(
      Map<String, List<Score>> settings, int[] traces) {
    return Collections.max(
        settings.entrySet(),
        Comparator.<Map.Entry<String, List<Score>>>comparingDouble(
                e -> -Math.max(SAFE, worstUnserved(on(e.getValue(), traces))))
            .thenComparingDouble(e -> mean(on(e.getValue(), traces))));
  }

  private static List<Score> on(List<Score> scores, int[] traces) {
    return IntStream.of(traces).mapToObj(scores::get).toList();
  }

  private static void robustness(List<Demand> traces, Terms terms)
      throws InterruptedException, ExecutionException {
    print("## Traces turned about and scaled, %s: unserved (batch)", terms.name());
    header(traces);
    int safe = 0;
    int all = 0;
    for (var change : changes().entrySet()) {
      var changed = traces.stream().map(change.getValue()::of).toList();
      var scores = scores(Map.of("", of(Parts.ALL)), changed, change.getValue().of(terms));
      var row = scores.values().iterator().next();
      row(change.getKey(), row);
      safe += (int) row.stream().filter(s -> s.unservedPercent() <= SAFE).count();
      all += row.size();
    }
    print("");
    print("within %s %%: %d of %d", SAFE, safe, all);
    print("");
  }

  private static Map<String, Change> changes() {
    var changes = new LinkedHashMap<String, Change>();
    changes.put("backwards", new Change(1, 1, (demand, i) -> demand.length() - 1 - i));
    changes.put("double speed", new Change(1, 2, (_, i) -> 2 * i));
    changes.put(
        "second half first",
        new Change(1, 1, (demand, i) -> (i + demand.length() / 2) % demand.length()));
    changes.put("a tenth", new Change(0.1, 1, (_, i) -> i));
    changes.put("ten times", new Change(10, 1, (_, i) -> i));
    return changes;
  }

  private interface Order {
    int stepOf(Demand demand, int i);
  }

  /// @param factor of demand and pool
  /// @param speed the new demand is shorter by this
  /// @param order which step comes as the i-th
  private record Change(double factor, int speed, Order order) {
    Demand of(Demand demand) {
      IntToDoubleFunction at = i -> factor * demand.at(order.stepOf(demand, i));
      return Demand.of(
          demand.name(), IntStream.range(0, demand.length() / speed).mapToDouble(at).toArray());
    }

    Terms of(Terms terms) {
      return new Terms(
          (int) Math.round(terms.slots() * factor),
          terms.startLatency(),
          terms.pauses(),
          terms.stopLoses(),
          terms.batchStartCosts());
    }
  }

  /// Time and memory of a reading, on this machine as it is now.
  private static void cost(Demand demand) {
    print("## What it costs here, on %s", demand.name());
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (var terms : List.of(Terms.pausing(), Terms.stopping(1), Terms.stopping(30))) {
      // Once to warm up.
      learned(demand, terms, demand.length());
      long garbageBefore = threads.getCurrentThreadAllocatedBytes();
      long before = System.nanoTime();
      learned(demand, terms, demand.length());
      double nanos = (double) (System.nanoTime() - before) / demand.length();
      double garbage =
          (double) (threads.getCurrentThreadAllocatedBytes() - garbageBefore) / demand.length();
      long empty = used();
      var kept =
          IntStream.range(0, MEASURED_LEARNINGS)
              .mapToObj(_ -> learned(demand, terms, Math.min(1000, demand.length())))
              .toList();
      double bytes = (double) (used() - empty) / kept.size();
      print(
          "%s: %.1f us and %.0f KB of garbage a reading, %.0f KB kept",
          terms.name(), nanos / 1e3, garbage / 1e3, bytes / 1e3);
    }
  }

  private static Learning learned(Demand demand, Terms terms, int steps) {
    var outlook = outlook(terms);
    var learning = Learning.of(Headroom.Learned.DEFAULT, terms.slots());
    for (int step = 0; step < steps; step++) {
      learning =
          learning.take(reading(step, demand.at(step)), demand.at(step), outlook, terms.slots());
    }
    return learning;
  }

  private static long used() {
    var runtime = Runtime.getRuntime();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  // Runs and figures.

  /// The scores of each policy, one for each trace in their order.
  private static Map<String, List<Score>> scores(
      Map<String, Policy> policies, List<Demand> traces, Terms terms)
      throws InterruptedException, ExecutionException {
    try (var executor = Executors.newFixedThreadPool(THREADS)) {
      var running = new LinkedHashMap<String, List<Future<Score>>>();
      policies.forEach(
          (name, policy) ->
              running.put(
                  name,
                  traces.stream()
                      .map(trace -> executor.submit(() -> StandardRun.run(policy, trace, terms)))
                      .toList()));
      var scores = new LinkedHashMap<String, List<Score>>();
      for (var entry : running.entrySet()) {
        var row = new ArrayList<Score>();
        for (var score : entry.getValue()) {
          row.add(score.get());
        }
        scores.put(entry.getKey(), row);
      }
      return scores;
    }
  }

  private static double mean(List<Score> scores) {
    return scores.stream().mapToDouble(Score::batchOfClairvoyantPercent).average().orElse(0);
  }

  private static double worstBatch(List<Score> scores) {
    return scores.stream().mapToDouble(Score::batchOfClairvoyantPercent).min().orElse(0);
  }

  private static double worstUnserved(List<Score> scores) {
    return scores.stream().mapToDouble(Score::unservedPercent).max().orElse(0);
  }

  private static void table(Map<String, List<Score>> scores, List<Demand> traces) {
    header(traces);
    scores.forEach(HeadroomAblation::row);
    print("");
  }

  private static void header(List<Demand> traces) {
    var names = String.join(" | ", traces.stream().map(Demand::name).toList());
    print("| | mean batch | worst batch | worst unserved | %s |", names);
    print("|---|---|---|---|%s", "---|".repeat(traces.size()));
  }

  private static void row(String name, List<Score> scores) {
    var cells = scores.stream().map(s -> "%s (%s)".formatted(unserved(s), batch(s))).toList();
    print(
        "| %s | %.1f | %.1f | %.3f | %s |",
        name, mean(scores), worstBatch(scores), worstUnserved(scores), String.join(" | ", cells));
  }

  private static String unserved(Score score) {
    return String.format(Locale.ROOT, "%.3f", score.unservedPercent());
  }

  private static String batch(Score score) {
    return String.format(Locale.ROOT, "%.1f", score.batchOfClairvoyantPercent());
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }
}
