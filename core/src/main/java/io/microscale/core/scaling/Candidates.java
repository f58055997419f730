package io.microscale.core.scaling;

import java.util.Arrays;

/// Many ways to claim, each followed as if it had been in force since the beginning: demand does
/// not depend on what is claimed, so what each would have left unserved and kept from others is
/// known exactly.
///
/// A candidate is a reach (how many scales above the prediction it claims), a scale, and a way to
/// give back. What was really claimed is followed likewise. Sums forget with a time constant of
/// 10,000 steps, so that a regime that has ended stops to count: instead of making all sums a
/// little smaller each step, what is added weighs a little more. Mutable: its owner copies it
/// before it changes it; arrays that a step leaves as they are, are shared with the copy.
final class Candidates {
  /// Reaches in scales: 0.3 to 18, 12 % apart.
  private static final double[] REACHES = reaches();

  /// From here on sums begin to weigh anew, long before they overflow.
  private static final double HEAVY = 1e100;

  /// When to give back.
  ///
  /// @param hold keeps a claim for so many horizons after it was last called for; not used if
  ///   `share` is
  /// @param share keeps what the predicted peak of the time that pays, with this part of the reach
  ///   on top, calls for; negative if not used
  /// @param extra replicas on top of that
  private record Return(double hold, double share, int extra) {}

  /// When giving back costs nothing, it is done at once.
  private static final Return[] FREE = {new Return(0, -1, 0)};

  private static final Return[] COSTLY = {
    new Return(0, -1, 0), new Return(3, -1, 0), new Return(0, 0.9, 0), new Return(0, 1.3, 1)
  };

  private static final Return[] WITHOUT_PREDICTION = {
    new Return(0, -1, 0), new Return(3, -1, 0), new Return(6, -1, 0)
  };

  private final Parts parts;
  private final double lostByStop;
  private final double lostByStart;
  private final int horizon;
  private final Return[] returns;
  private final int scales;
  private final int count;

  // The least claims in each of the last blocks of steps, of each candidate and, as the last, of
  // what
  // was really claimed: what has been held all the time since the horizon began is ready.
  private final int blockSteps;
  private final int[][] lows;
  // Likewise, the claims of the last step:
  private int[] claims;

  // Of each candidate:
  private final int[] heldClaims;
  private final int[] heldSince;
  private final double[] costs;

  private Shortfalls shortfalls;
  private double demand;
  private double weight = 1;

  /// Follows candidates that have all claimed `found` so far.
  Candidates(LearnedHeadroom.Terms terms, Parts parts, int scales, int found) {
    this.parts = parts;
    lostByStop = terms.lostByStop();
    lostByStart = terms.lostByStart();
    horizon = terms.horizon();
    returns = returns(terms, parts);
    this.scales = scales;
    count = scales * REACHES.length * returns.length;
    claims = filled(count + 1, found);
    blockSteps = Math.ceilDiv(Math.max(1, horizon), 8);
    lows = new int[Math.ceilDiv(horizon, blockSteps) + 1][];
    Arrays.fill(lows, claims);
    heldClaims = filled(count, found);
    heldSince = new int[count];
    costs = new double[count];
    shortfalls = new Shortfalls(count + 1);
  }

  private Candidates(Candidates other) {
    parts = other.parts;
    lostByStop = other.lostByStop;
    lostByStart = other.lostByStart;
    horizon = other.horizon;
    returns = other.returns;
    scales = other.scales;
    count = other.count;
    blockSteps = other.blockSteps;
    lows = other.lows.clone();
    claims = other.claims;
    heldClaims = other.heldClaims.clone();
    heldSince = other.heldSince.clone();
    costs = other.costs.clone();
    shortfalls = other.shortfalls;
    demand = other.demand;
    weight = other.weight;
  }

  Candidates copy() {
    return new Candidates(this);
  }

  private static Return[] returns(LearnedHeadroom.Terms terms, Parts parts) {
    if (terms.lostByStop() + terms.lostByStart() == 0) {
      return FREE;
    }
    return parts.returnsByPrediction() ? COSTLY : WITHOUT_PREDICTION;
  }

  /// How many steps ahead giving back pays for itself: the time in which keeping a replica costs as
  /// much as stopping and starting what takes its place.
  static int stepsThatPay(LearnedHeadroom.Terms terms) {
    return (int) Math.ceil(terms.lostByStop() + terms.lostByStart());
  }

  /// Charges every candidate with what the demand of a step found ready.
  ///
  /// @param step the number of that step
  void judge(int step, double seen) {
    weigh();
    demand += seen * weight;
    var ready = lows[0].clone();
    for (int block = 1; block < lows.length; block++) {
      var low = lows[block];
      for (int i = 0; i < ready.length; i++) {
        ready[i] = Math.min(ready[i], low[i]);
      }
    }
    boolean fell = false;
    for (int i = 0; i < ready.length; i++) {
      if (ready[i] < seen) {
        if (!fell) {
          shortfalls = shortfalls.copy();
          fell = true;
        }
        shortfalls.add(i, step, seen - ready[i], weight);
      }
    }
  }

  private void weigh() {
    weight /= parts.kept();
    if (weight > HEAVY) {
      for (int i = 0; i < count; i++) {
        costs[i] /= weight;
      }
      shortfalls = shortfalls.dividedBy(weight);
      demand /= weight;
      weight = 1;
    }
  }

  /// Lets every candidate claim.
  ///
  /// @param step the number of this step
  /// @param expected the demand predicted for the horizon
  /// @param expectedLater the peak predicted for the horizon and the time that pays
  /// @param scale by how much predictions err, one number for each scale
  /// @param most replicas there can be
  void claim(int step, double expected, double expectedLater, double[] scale, int most) {
    var before = claims;
    claims = new int[count + 1];
    int i = 0;
    for (int s = 0; s < scales; s++) {
      for (double reach : REACHES) {
        double above = reach * scale[s];
        int needed = Math.clamp(Ceiling.of(expected + above), 0, most);
        for (var back : returns) {
          int claim = needed;
          if (needed >= before[i]) {
            heldClaims[i] = needed;
            heldSince[i] = step;
          } else if (back.share >= 0) {
            int later = Ceiling.of(expectedLater + back.share * above + back.extra);
            claim = Math.max(needed, Math.min(before[i], later));
          } else {
            claim = held(i, needed, step, back);
          }
          int rise = claim - before[i];
          costs[i] += weight * (claim + (rise > 0 ? lostByStop * rise : -lostByStart * rise));
          claims[i] = claim;
          i++;
        }
      }
    }
  }

  private int held(int i, int needed, int step, Return back) {
    if (needed >= heldClaims[i] || step - heldSince[i] > back.hold * Math.max(1, horizon)) {
      heldClaims[i] = needed;
      heldSince[i] = step;
    }
    return heldClaims[i];
  }

  /// The claim of the candidate that keeps least from others among those that kept within the risk
  /// and would have if their worst rush had come once more. What was really left unserved beyond
  /// the risk is taken off three times over, and what was not used of it is added, up to 30 %.
  /// Where no candidate is left, the claim of the one that left least unserved.
  int best(double risk) {
    double allowed = risk * demand;
    if (parts.corrects()) {
      allowed += Math.min(0.3 * allowed, 3 * (allowed - shortfalls.sum(count)));
    }
    double feared = parts.fearsWorst() ? 1 : 0;
    int best = -1;
    int safest = 0;
    for (int i = 0; i < count; i++) {
      double unserved = shortfalls.sum(i);
      if ((best < 0 || costs[i] < costs[best])
          && unserved + feared * shortfalls.worst(i) <= allowed) {
        best = i;
      }
      double least = shortfalls.sum(safest);
      if (unserved < least || (unserved == least && costs[i] < costs[safest])) {
        safest = i;
      }
    }
    return claims[best >= 0 ? best : safest];
  }

  /// Takes down what is really claimed, which ends the step.
  void claimed(int step, int claim) {
    claims[count] = claim;
    int block = step / blockSteps % lows.length;
    if (step % blockSteps == 0) {
      lows[block] = claims;
      return;
    }
    var low = lows[block].clone();
    for (int i = 0; i < low.length; i++) {
      low[i] = Math.min(low[i], claims[i]);
    }
    lows[block] = low;
  }

  private static double[] reaches() {
    var reaches = new double[37];
    for (int i = 0; i < reaches.length; i++) {
      reaches[i] = 0.3 * StrictMath.pow(1.12, i);
    }
    return reaches;
  }

  private static int[] filled(int length, int value) {
    var array = new int[length];
    Arrays.fill(array, value);
    return array;
  }

  /// What was left unserved, in all and by the worst rush. Replaced rather than changed where
  /// others may look at it.
  private static final class Shortfalls {
    /// What a rush has left unserved fades between its steps, so that rushes far apart are two.
    private static final double SAME_RUSH = 0.9;

    /// What is left after so many steps; after more than that, nothing.
    private static final double[] LEFT = new double[128];

    static {
      LEFT[0] = 1;
      for (int i = 1; i < LEFT.length; i++) {
        LEFT[i] = LEFT[i - 1] * SAME_RUSH;
      }
    }

    private final double[] sums;
    private final double[] worst;
    private final double[] rushes;
    private final int[] lastSteps;

    Shortfalls(int count) {
      this(new double[count], new double[count], new double[count], new int[count]);
    }

    private Shortfalls(double[] sums, double[] worst, double[] rushes, int[] lastSteps) {
      this.sums = sums;
      this.worst = worst;
      this.rushes = rushes;
      this.lastSteps = lastSteps;
    }

    Shortfalls copy() {
      return new Shortfalls(sums.clone(), worst.clone(), rushes.clone(), lastSteps.clone());
    }

    Shortfalls dividedBy(double weight) {
      var next = copy();
      for (int i = 0; i < sums.length; i++) {
        next.sums[i] /= weight;
        next.worst[i] /= weight;
      }
      return next;
    }

    void add(int i, int step, double missing, double weight) {
      int between = step - lastSteps[i] - 1;
      rushes[i] = missing + (between < LEFT.length ? rushes[i] * LEFT[between] : 0);
      lastSteps[i] = step;
      sums[i] += missing * weight;
      worst[i] = Math.max(worst[i], rushes[i] * weight);
    }

    double sum(int i) {
      return sums[i];
    }

    double worst(int i) {
      return worst[i];
    }
  }
}
