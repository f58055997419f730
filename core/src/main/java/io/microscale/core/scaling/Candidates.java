package io.microscale.core.scaling;

import java.util.Arrays;

/// Many ways to claim, each followed as if it had been in force since the beginning: demand does
/// not depend on what is claimed, so what each would have left unserved and kept from others is
/// known exactly.
///
/// A candidate is a reach (how many scales above the prediction it claims), a scale, and a way to
/// give back. What was really claimed is followed likewise. Sums forget with a time constant of
/// 10,000 steps, so that a regime that has ended stops to count. Mutable: its owner copies it
/// before it changes it.
final class Candidates {
  /// Reaches in scales: 0.3 to 18, 12 % apart.
  private static final double[] REACHES = reaches();

  /// A rush that is over no longer grows; what it left unserved fades from one event to the next.
  private static final double SAME_RUSH = 0.9;

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

  // Of each candidate, and of what was claimed as the last:
  private final int[] claims;
  private final double[] unserved;
  // The least claims of the last blocks of steps, one block after the other: what has been held all
  // the time since the horizon began is ready.
  private final int[] lows;
  private final int blockSteps;
  private final int blocks;

  // Of each candidate:
  private final int[] heldClaims;
  private final int[] heldSince;
  private final double[] costs;
  private final double[] rushes;
  private final double[] worstRushes;

  private double demand;

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
    unserved = new double[count + 1];
    blockSteps = Math.ceilDiv(Math.max(1, horizon), 8);
    blocks = Math.ceilDiv(horizon, blockSteps) + 1;
    lows = filled(blocks * (count + 1), found);
    heldClaims = filled(count, found);
    heldSince = new int[count];
    costs = new double[count];
    rushes = new double[count];
    worstRushes = new double[count];
  }

  private Candidates(Candidates other) {
    parts = other.parts;
    lostByStop = other.lostByStop;
    lostByStart = other.lostByStart;
    horizon = other.horizon;
    returns = other.returns;
    scales = other.scales;
    count = other.count;
    claims = other.claims.clone();
    unserved = other.unserved.clone();
    blockSteps = other.blockSteps;
    blocks = other.blocks;
    lows = other.lows.clone();
    heldClaims = other.heldClaims.clone();
    heldSince = other.heldSince.clone();
    costs = other.costs.clone();
    rushes = other.rushes.clone();
    worstRushes = other.worstRushes.clone();
    demand = other.demand;
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
  void judge(double seen) {
    demand = demand * parts.kept() + seen;
    for (int i = 0; i <= count; i++) {
      int ready = lows[i];
      for (int block = 1, at = i + count + 1; block < blocks; block++, at += count + 1) {
        ready = Math.min(ready, lows[at]);
      }
      double missing = Math.max(0, seen - ready);
      unserved[i] = unserved[i] * parts.kept() + missing;
      if (i < count) {
        rushes[i] = missing > 0 ? rushes[i] + missing : rushes[i] * SAME_RUSH;
        worstRushes[i] = Math.max(worstRushes[i] * parts.kept(), rushes[i]);
      }
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
    boolean newBlock = step % blockSteps == 0;
    int low = step / blockSteps % blocks * (count + 1);
    int i = 0;
    for (int s = 0; s < scales; s++) {
      for (double reach : REACHES) {
        double above = reach * scale[s];
        int needed = Math.clamp(Ceiling.of(expected + above), 0, most);
        for (var back : returns) {
          int before = claims[i];
          int claim = needed;
          if (needed >= before) {
            heldClaims[i] = needed;
            heldSince[i] = step;
          } else if (back.share >= 0) {
            int later = Ceiling.of(expectedLater + back.share * above + back.extra);
            claim = Math.max(needed, Math.min(before, later));
          } else {
            claim = held(i, needed, step, back);
          }
          costs[i] =
              costs[i] * parts.kept()
                  + claim
                  + (claim > before
                      ? lostByStop * (claim - before)
                      : lostByStart * (before - claim));
          claims[i] = claim;
          lows[low + i] = newBlock ? claim : Math.min(lows[low + i], claim);
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
      allowed += Math.min(0.3 * allowed, 3 * (allowed - unserved[count]));
    }
    double feared = parts.fearsWorst() ? 1 : 0;
    int best = -1;
    int safest = 0;
    for (int i = 0; i < count; i++) {
      if (unserved[i] + feared * worstRushes[i] <= allowed
          && (best < 0 || costs[i] < costs[best])) {
        best = i;
      }
      if (unserved[i] < unserved[safest]
          || (unserved[i] == unserved[safest] && costs[i] < costs[safest])) {
        safest = i;
      }
    }
    return claims[best >= 0 ? best : safest];
  }

  /// Takes down what is really claimed.
  void claimed(int step, int claim) {
    int at = step / blockSteps % blocks * (count + 1) + count;
    lows[at] = step % blockSteps == 0 ? claim : Math.min(lows[at], claim);
    claims[count] = claim;
  }

  private static double[] reaches() {
    var reaches = new double[37];
    for (int i = 0; i < reaches.length; i++) {
      reaches[i] = 0.3 * Math.pow(1.12, i);
    }
    return reaches;
  }

  private static int[] filled(int length, int value) {
    var array = new int[length];
    Arrays.fill(array, value);
    return array;
  }
}
