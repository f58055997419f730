package io.microscale.simulator.standard;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A pool of equal slots that a time-critical service and batch work share, driven over a demand
/// trace in steps of one second. At step `t`
/// 1. slots asked for at `t - L` begin to serve (`L = 0`: those of this step do);
/// 2. the rule sees the demand of `t - 1` and says how many slots the service holds, from 0 to all;
/// 3. a rise is asked for and serves from `t + L`; a fall is at once: slots that start go first,
///    the youngest before the others, then slots that serve;
/// 4. `min(demand, ready)` is served and the rest is dropped;
/// 5. batch work runs in the slots that the service does not hold. Each batch replica that has to
///    go loses `stopLoses` slot-seconds of work, and each that begins holds its slot for
///    `batchStartCosts` slot-seconds before it works.
///
/// The slots that the rule wants at step 0 serve already when the run begins, and batch work runs
/// in the others: that costs nothing and is no start. Under terms that pause, every slot has a
/// replica of the service and one of batch work; one of them runs, the other waits paused.
///
/// Runs are deterministic, take one pass over the trace and keep nothing but their sums. An object
/// is immutable and may run policies in parallel.
public final class StandardRun {
  private final Demand demand;
  private final Terms terms;
  private final Backlog backlog;
  private final double clairvoyantBatch;

  /// A run with endless batch work.
  public StandardRun(Demand demand, Terms terms) {
    this(demand, terms, Backlog.endless());
  }

  /// A run with the batch work given.
  public StandardRun(Demand demand, Terms terms, Backlog backlog) {
    this.demand = demand;
    this.terms = terms;
    this.backlog = backlog;
    this.clairvoyantBatch = Clairvoyant.batch(demand, terms, backlog);
  }

  /// Runs a policy once, with endless batch work.
  public static Score run(Policy policy, Demand demand, Terms terms) {
    return new StandardRun(demand, terms).run(policy);
  }

  /// Runs a policy once, with endless batch work, and tells every step.
  public static Score run(Policy policy, Demand demand, Terms terms, Consumer<Step> each) {
    return new StandardRun(demand, terms).run(policy, each);
  }

  /// Runs a policy once, with the batch work given, and tells every step.
  public static Score run(
      Policy policy, Demand demand, Terms terms, Backlog backlog, Consumer<Step> each) {
    return new StandardRun(demand, terms, backlog).run(policy, each);
  }

  /// Runs a policy over the whole trace.
  public Score run(Policy policy) {
    return drive(policy, null);
  }

  /// Runs a policy over the whole trace.
  ///
  /// @param each is told every step, in order
  public Score run(Policy policy, Consumer<Step> each) {
    return drive(policy, each);
  }

  private Score drive(Policy policy, @Nullable Consumer<Step> each) {
    var rule = policy.start(terms, demand);
    var now = new Now(terms);
    var sheet = new ScoreSheet(terms.slots(), clairvoyantBatch);
    var batch = new BatchWork(backlog, terms);
    var fleet =
        new Fleet(policy.startLatency(terms), Math.clamp(rule.wanted(now), 0, terms.slots()));
    for (int step = 0; step < demand.length(); step++) {
      if (step > 0) {
        fleet.begin(step);
        now.show(step, demand.at(step - 1), fleet);
        fleet.hold(step, Math.clamp(rule.wanted(now), 0, terms.slots()));
      }
      int heldBefore = now.held;
      now.decided(fleet);
      batch.step(step, terms.slots() - fleet.held());
      double present = demand.at(step);
      int starts = batch.started() + (step == 0 ? 0 : Math.max(0, fleet.held() - heldBefore));
      double unserved = sheet.add(present, fleet.ready(), batch.done(), batch.lost(), starts);
      if (each != null) {
        each.accept(described(step, present, fleet, batch, unserved));
      }
      batch.finish();
    }
    return sheet.score();
  }

  private Step described(int step, double demand, Fleet fleet, BatchWork batch, double unserved) {
    return new Step(
        step,
        demand,
        fleet.ready(),
        fleet.starting(),
        terms.pauses() ? terms.slots() - fleet.held() : 0,
        batch.running(),
        terms.pauses() ? terms.slots() - batch.running() : 0,
        unserved,
        batch.done());
  }

  /// The present step as the rule sees it.
  private static final class Now implements View {
    private final Terms terms;
    private int step;
    private double seen;
    private int serving;
    private int ready;
    private int starting;
    private int readyBefore;
    private int held;

    Now(Terms terms) {
      this.terms = terms;
    }

    void show(int step, double seen, Fleet fleet) {
      this.step = step;
      this.seen = seen;
      serving = readyBefore;
      ready = fleet.ready();
      starting = fleet.starting();
    }

    void decided(Fleet fleet) {
      readyBefore = fleet.ready();
      held = fleet.held();
    }

    @Override
    public int step() {
      return step;
    }

    @Override
    public double seen() {
      return seen;
    }

    @Override
    public int serving() {
      return serving;
    }

    @Override
    public int ready() {
      return ready;
    }

    @Override
    public int starting() {
      return starting;
    }

    @Override
    public int slots() {
      return terms.slots();
    }

    @Override
    public Terms terms() {
      return terms;
    }
  }
}
