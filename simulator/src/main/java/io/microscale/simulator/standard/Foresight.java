package io.microscale.simulator.standard;

/// Perfect foresight that pays for its switching, and switches where it pays: a slot is given back
/// to batch work between two rises only if the work done there is more than the stop that ends it
/// loses and the start costs. No demand is missed, and no policy that serves all does more batch
/// work, the first and the last seconds of a run apart: there no stop came before, and none
/// follows.
public record Foresight() implements Policy {
  @Override
  public String name() {
    return "foresight";
  }

  /// Refused: there is no foresight without a future.
  ///
  /// @throws UnsupportedOperationException always
  @Override
  public Rule start(Terms terms) {
    throw new UnsupportedOperationException(name() + ": need the demand to come");
  }

  @Override
  public Rule start(Terms terms, Demand future) {
    int longestGap = (int) Math.floor(terms.stopLoses() + terms.batchStartCosts());
    var held = closed(Clairvoyant.needed(future, terms), longestGap);
    return view -> held[view.step()];
  }

  /// Fills the gaps of each level that are no longer than `gap` steps: the least series of which no
  /// level has such a gap. It is the smallest, over every window of `gap + 1` steps that holds the
  /// step, of the largest in that window.
  static int[] closed(int[] levels, int gap) {
    int window = gap + 1;
    int windows = levels.length + gap;
    // The largest of the window that ends at each step; the last windows reach beyond the end.
    var highest = new double[windows];
    var largest = new SlidingMaximum(window);
    for (int end = 0; end < windows; end++) {
      highest[end] = largest.add(end < levels.length ? levels[end] : 0);
    }
    var closed = new int[levels.length];
    var smallest = new SlidingMaximum(window);
    for (int end = windows - 1; end >= 0; end--) {
      double least = -smallest.add(-highest[end]);
      if (end < levels.length) {
        closed[end] = (int) least;
      }
    }
    return closed;
  }
}
