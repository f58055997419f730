package io.microscale.simulator.comparison;

import io.microscale.simulator.standard.Score;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// One policy with the setting that was chosen for it, on every trace: the same for all, or one for
/// each, as it was [chosen][Way].
///
/// @param cells one for each trace, in their order; at least one
public record Choice(List<Cell> cells) {
  /// How settings are chosen.
  public enum Way {
    /// The setting that people get without choosing.
    USUAL("usual"),
    /// One setting for all traces: of those that are safe on each, the one with the most batch work
    /// on average.
    SEARCHED("searched"),
    /// For each trace the safe setting with the most batch work on it. It needs to know the trace
    /// beforehand.
    HINDSIGHT("hindsight"),
    /// For each trace the setting that was searched on all the others.
    LEAVE_ONE_OUT("leaveOneOut");

    private final String key;

    Way(String key) {
      this.key = key;
    }

    /// What it is called in documents.
    public String key() {
      return key;
    }
  }

  public Choice {
    if (cells.isEmpty()) {
      throw new IllegalArgumentException("cells: need at least one, got none");
    }
    cells = List.copyOf(cells);
  }

  /// The name of the policy with its setting; empty where that differs from trace to trace.
  public Optional<String> setting() {
    var names = cells.stream().map(cell -> cell.policy().name()).distinct().toList();
    return names.size() == 1 ? Optional.of(names.getFirst()) : Optional.empty();
  }

  /// Whether it is safe on every trace.
  public boolean isSafe() {
    return cells.stream().allMatch(Cell::isSafe);
  }

  /// Batch work in percent of the clairvoyant's, the mean over the traces.
  public double meanBatch() {
    return mean(Score::batchOfClairvoyantPercent);
  }

  /// Batch work in percent of the clairvoyant's on the trace with the least.
  public double worstBatch() {
    return cells.stream()
        .mapToDouble(cell -> cell.score().batchOfClairvoyantPercent())
        .min()
        .orElseThrow();
  }

  /// Unserved demand in percent on the trace with the most.
  public double worstUnserved() {
    return cells.stream().mapToDouble(cell -> cell.score().unservedPercent()).max().orElseThrow();
  }

  /// The mean of a figure over the traces.
  public double mean(ToDoubleFunction<Score> figure) {
    return cells.stream()
        .mapToDouble(cell -> figure.applyAsDouble(cell.score()))
        .average()
        .orElseThrow();
  }
}
