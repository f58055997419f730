package io.microscale.simulator.standard;

/// The bound: it knows the demand to come, holds `a(t) = max over [t, t + L] of ceil(demand)` slots
/// and gives all others to batch work. [#batch] is the work that this leaves when switching costs
/// nothing, which nobody can surpass without missing demand; run as a policy it pays for its
/// switching as any other does.
public record Clairvoyant() implements Policy {
  /// The most batch work that is possible beside a demand fully served, in slot-seconds: the sum
  /// over all steps of `slots - a(t)`.
  public static double batch(Demand demand, Terms terms) {
    return batch(demand, terms, Backlog.endless());
  }

  /// The most work of a backlog that is possible beside a demand fully served, in slot-seconds:
  /// whatever has arrived, in all slots that are free.
  public static double batch(Demand demand, Terms terms, Backlog backlog) {
    var needed = needed(demand, terms);
    double pending = 0;
    double done = 0;
    for (int step = 0; step < needed.length; step++) {
      pending += backlog.arriving(step);
      double work = Math.min(terms.slots() - needed[step], pending);
      pending -= work;
      done += work;
    }
    return done;
  }

  /// The fewest slots that must be held at each step so that no demand is ever missed.
  static int[] needed(Demand demand, Terms terms) {
    var needed = new int[demand.length()];
    var largest = new SlidingMaximum(terms.startLatency() + 1);
    // From the end: the window then reaches into the future.
    for (int step = needed.length - 1; step >= 0; step--) {
      needed[step] = (int) Math.min(terms.slots(), largest.add(Math.ceil(demand.at(step))));
    }
    return needed;
  }

  @Override
  public String name() {
    return "clairvoyant";
  }

  /// Refused: there is no clairvoyance without a future.
  ///
  /// @throws UnsupportedOperationException always
  @Override
  public Rule start(Terms terms) {
    throw new UnsupportedOperationException(name() + ": need the demand to come");
  }

  @Override
  public Rule start(Terms terms, Demand future) {
    var needed = needed(future, terms);
    return view -> needed[view.step()];
  }
}
