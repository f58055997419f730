package io.microscale.simulator.comparison;

import io.microscale.simulator.standard.Clairvoyant;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Foresight;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What a comparison found: under each of the terms what was chosen for each policy.
///
/// @param sections one for each of the terms, in their order
public record Findings(Comparison comparison, List<Section> sections) {
  private static final Comparator<Choice> BEST_FIRST =
      Comparator.comparing(Choice::isSafe)
          .reversed()
          .thenComparingDouble(choice -> choice.isSafe() ? 0 : choice.worstUnserved())
          .thenComparing(Comparator.comparingDouble(Choice::meanBatch).reversed());

  public Findings {
    sections = List.copyOf(sections);
  }

  /// What follows from the standings of a comparison when settings are chosen in these ways.
  public static Findings of(
      Comparison comparison, List<Standing> standings, List<Choice.Way> ways) {
    var sections = new ArrayList<Section>();
    for (var terms : comparison.terms()) {
      sections.add(
          new Section(
              terms,
              standings.stream()
                  .filter(standing -> standing.terms().equals(terms))
                  .map(standing -> new Row(standing, standing.chosen(ways)))
                  .toList()));
    }
    return new Findings(comparison, sections);
  }

  public List<Demand> traces() {
    return comparison.traces();
  }

  /// One policy under one terms.
  ///
  /// @param chosen what each way of choosing chose, without the ways that cannot choose
  public record Row(Standing standing, Map<Choice.Way, Choice> chosen) {
    public Row {
      chosen = Map.copyOf(chosen);
    }

    /// The name of the policy.
    public String name() {
      return standing.family().name();
    }

    /// Whether it is a [bound][Findings#isBound].
    public boolean isBound() {
      return Findings.isBound(standing.family());
    }

    /// What a way of choosing chose; empty if it cannot, or was not asked.
    public Optional<Choice> by(Choice.Way way) {
      return Optional.ofNullable(chosen.get(way));
    }
  }

  /// All policies under one terms.
  ///
  /// @param rows in the order of the families
  public record Section(Terms terms, List<Row> rows) {
    public Section {
      rows = List.copyOf(rows);
    }

    public Optional<Row> row(String policy) {
      return rows.stream().filter(row -> row.name().equals(policy)).findFirst();
    }

    /// The rows from the best down: those that are safe by the most batch work on average, then the
    /// others by the least unserved on their worst trace.
    public List<Row> ranked(Choice.Way way) {
      return rows.stream()
          .filter(row -> row.by(way).isPresent())
          .sorted(Comparator.comparing(row -> row.by(way).orElseThrow(), BEST_FIRST))
          .toList();
    }

    /// The policies that give more batch work than this one on a trace, the most first, all with
    /// the setting that a way of choosing chose: safe on every trace and no bounds.
    ///
    /// @param policy one that has such a choice
    public List<String> ahead(String policy, int trace, Choice.Way way) {
      double own = batch(row(policy).orElseThrow(), trace, way);
      return rivals(policy, way)
          .filter(row -> batch(row, trace, way) > own)
          .sorted(Comparator.comparingDouble((Row row) -> batch(row, trace, way)).reversed())
          .map(Row::name)
          .toList();
    }

    private Stream<Row> rivals(String policy, Choice.Way way) {
      return rows.stream()
          .filter(row -> !row.isBound() && !row.name().equals(policy))
          .filter(row -> row.by(way).map(Choice::isSafe).orElse(false));
    }

    private static double batch(Row row, int trace, Choice.Way way) {
      return row.by(way).orElseThrow().cells().get(trace).score().batchOfClairvoyantPercent();
    }
  }

  /// Whether a policy knows the future: it says what is possible, and nobody can run it.
  public static boolean isBound(Family family) {
    return family.usual() instanceof Clairvoyant || family.usual() instanceof Foresight;
  }

  /// Useful utilisation of a pool that runs this demand and nothing else, sized for its peak, in
  /// percent: mean demand over peak.
  public static double aloneUtilisation(Demand demand) {
    double peak = demand.peak();
    double sum = 0;
    for (int step = 0; step < demand.length(); step++) {
      sum += demand.at(step);
    }
    return peak == 0 ? 0 : 100 * sum / (demand.length() * peak);
  }
}
