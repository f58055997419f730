package io.microscale.simulator.comparison;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// One kind of policy under one terms: the scores of all its settings on all traces, and the
/// settings that may be chosen by them.
///
/// Of two settings that are as good as each other the first is chosen.
///
/// @param tried each setting on all traces, in the order of the family
public record Standing(Family family, Terms terms, List<Choice> tried) {
  public Standing {
    if (tried.size() != family.settings().size()) {
      throw new IllegalArgumentException(
          "tried: need one for each of %d settings, got %d"
              .formatted(family.settings().size(), tried.size()));
    }
    tried = List.copyOf(tried);
  }

  /// The usual setting.
  public Choice usual() {
    return tried.get(family.settings().indexOf(family.usual()));
  }

  /// The one setting with the most batch work on average of those that are safe on every trace. If
  /// none is, the one with the least unserved on its worst trace: then it [is not safe][
  /// Choice#isSafe()].
  public Choice searched() {
    return tried.get(best(_ -> true));
  }

  /// The best setting for each trace, chosen by that trace.
  public Choice hindsight() {
    return eachTrace(trace -> other -> other == trace);
  }

  /// For each trace the setting that is chosen by all other traces; empty if there is only one.
  public Optional<Choice> leaveOneOut() {
    return traces() == 1
        ? Optional.empty()
        : Optional.of(eachTrace(trace -> other -> other != trace));
  }

  /// What a way of choosing chooses; empty if it cannot.
  public Optional<Choice> chosen(Choice.Way way) {
    return switch (way) {
      case USUAL -> Optional.of(usual());
      case SEARCHED -> Optional.of(searched());
      case HINDSIGHT -> Optional.of(hindsight());
      case LEAVE_ONE_OUT -> leaveOneOut();
    };
  }

  /// The choices of several ways, without those that cannot choose.
  public Map<Choice.Way, Choice> chosen(Iterable<Choice.Way> ways) {
    var chosen = new EnumMap<Choice.Way, Choice>(Choice.Way.class);
    ways.forEach(way -> chosen(way).ifPresent(choice -> chosen.put(way, choice)));
    return chosen;
  }

  private int traces() {
    return tried.getFirst().cells().size();
  }

  /// @param counts for a trace, which traces its setting is chosen by
  private Choice eachTrace(IntFunction<IntPredicate> counts) {
    var cells = new ArrayList<Cell>(traces());
    for (int trace = 0; trace < traces(); trace++) {
      cells.add(tried.get(best(counts.apply(trace))).cells().get(trace));
    }
    return new Choice(cells);
  }

  /// The best setting by the traces that count.
  private int best(IntPredicate counts) {
    var over = tried.stream().map(choice -> new Choice(counting(choice, counts))).toList();
    int best = 0;
    for (int i = 1; i < over.size(); i++) {
      if (isBetter(over.get(i), over.get(best))) {
        best = i;
      }
    }
    return best;
  }

  private static List<Cell> counting(Choice choice, IntPredicate counts) {
    return IntStream.range(0, choice.cells().size())
        .filter(counts)
        .mapToObj(choice.cells()::get)
        .toList();
  }

  private static boolean isBetter(Choice one, Choice other) {
    if (one.isSafe() != other.isSafe()) {
      return one.isSafe();
    }
    if (!one.isSafe() && one.worstUnserved() != other.worstUnserved()) {
      return one.worstUnserved() < other.worstUnserved();
    }
    return one.meanBatch() > other.meanBatch();
  }
}
