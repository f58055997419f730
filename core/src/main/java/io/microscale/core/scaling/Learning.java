package io.microscale.core.scaling;

import io.microscale.core.demand.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a service with learned headroom has learned: brings readings, which come when they come,
/// into the equal steps of a [LearnedHeadroom]. An immutable value: [#take] makes the next one.
///
/// A step is about as long as readings are apart. Within one the highest demand counts, and counts
/// at once: what is known before the step is kept and taken a step further with each higher
/// reading.
public final class Learning {
  /// How long a step may be, in milliseconds.
  private static final long[] STEPS = {
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000
  };

  /// Readings until it is known how far they are apart.
  private static final int EARLY = 8;

  /// For so many readings in a row something else must have been true before it is believed.
  private static final int PATIENCE = 30;

  /// Steps without a reading that are taken as unchanged demand.
  private static final int FILLED = 8;

  private final double risk;
  private final Parts parts;
  private final int found;
  private final Instant lastAt;
  private final double interval;
  private final List<Double> early;
  private final int claim;

  // Empty while too few readings were seen:
  private final Optional<InSteps> inSteps;

  /// @param millis how long a step is
  /// @param number of the present step
  /// @param demand the highest of the present step
  /// @param before without the present step
  /// @param present with it
  /// @param differing readings in a row that asked for another length or horizon
  private record InSteps(
      long millis,
      long number,
      double demand,
      LearnedHeadroom before,
      LearnedHeadroom present,
      int differing) {}

  private Learning(
      double risk,
      Parts parts,
      int found,
      Instant lastAt,
      double interval,
      List<Double> early,
      int claim,
      Optional<InSteps> inSteps) {
    this.risk = risk;
    this.parts = parts;
    this.found = found;
    this.lastAt = lastAt;
    this.interval = interval;
    this.early = early;
    this.claim = claim;
    this.inSteps = inSteps;
  }

  /// Nothing is learned yet.
  ///
  /// @param found replicas that are there
  public static Learning of(Headroom.Learned headroom, int found) {
    return of(headroom, Parts.ALL, found);
  }

  /// Likewise, with some parts only.
  public static Learning of(Headroom.Learned headroom, Parts parts, int found) {
    return new Learning(
        headroom.risk(), parts, found, Instant.MIN, 0, List.of(), found, Optional.empty());
  }

  /// Replicas to claim, from 0 to the `most` of the last reading.
  public int claim() {
    return claim;
  }

  /// What the claim is for, to follow "claims N".
  public String why() {
    return inSteps
        .map(
            is ->
                " for the demand of the next "
                    + Duration.ofMillis(is.millis * (is.present.terms().horizon() + 1L))
                        .toString()
                        .substring(2)
                        .toLowerCase(Locale.ROOT)
                    + ", as learned")
        .orElse(", too little seen yet to learn from");
  }

  /// Takes in a reading; one that is not newer than the last changes nothing.
  ///
  /// @param replicas what it calls for, not rounded
  /// @param most replicas there can be
  public Learning take(Reading.Value reading, double replicas, Outlook outlook, int most) {
    if (!reading.at().isAfter(lastAt)) {
      return this;
    }
    double apart = apart(reading.at());
    if (inSteps.isPresent()) {
      return with(
          reading.at(), apart, next(inSteps.get(), reading.at(), apart, replicas, outlook, most));
    }
    var seen = new ArrayList<>(early);
    seen.add(replicas);
    if (seen.size() < EARLY) {
      int held = Math.min(most, Math.max(found, Headroom.UNLEARNED.cover(replicas)));
      return new Learning(
          risk, parts, found, reading.at(), apart, List.copyOf(seen), held, Optional.empty());
    }
    return with(reading.at(), apart, first(seen, reading.at(), apart, outlook, most));
  }

  private Learning with(Instant at, double apart, InSteps next) {
    return new Learning(
        risk, parts, found, at, apart, List.of(), next.present.claim(), Optional.of(next));
  }

  /// The mean time between readings, over about eight.
  private double apart(Instant at) {
    if (lastAt.equals(Instant.MIN)) {
      return 0;
    }
    double last = millis(Duration.between(lastAt, at));
    return interval == 0 ? last : interval + (last - interval) / EARLY;
  }

  private InSteps first(List<Double> seen, Instant at, double apart, Outlook outlook, int most) {
    long millis = length(apart, outlook);
    var present = LearnedHeadroom.of(terms(outlook, millis, Optional.empty()), parts, found);
    var before = present;
    for (double demand : seen) {
      before = present;
      present = present.after(demand, most);
    }
    return new InSteps(millis, number(at, millis), seen.getLast(), before, present, 0);
  }

  private InSteps next(
      InSteps is, Instant at, double apart, double replicas, Outlook outlook, int most) {
    long number = number(at, is.millis);
    if (number <= is.number) {
      return replicas <= is.demand
          ? is
          : new InSteps(
              is.millis,
              is.number,
              replicas,
              is.before,
              is.before.after(replicas, most),
              is.differing);
    }
    var known = is.present;
    for (long missed = Math.min(FILLED, number - is.number - 1); missed > 0; missed--) {
      known = known.after(is.demand, most);
    }
    long millis = length(apart, outlook);
    var terms = terms(outlook, is.millis, Optional.of(known.terms()));
    boolean differs = millis != is.millis || !terms.equals(known.terms());
    int differing = differs ? is.differing + 1 : 0;
    if (differing < PATIENCE) {
      return new InSteps(
          is.millis, number, replicas, known, known.after(replicas, most), differing);
    }
    var anew =
        millis == is.millis
            ? known.under(terms, most)
            : LearnedHeadroom.of(terms(outlook, millis, Optional.empty()), parts, known.claim());
    return new InSteps(millis, number(at, millis), replicas, anew, anew.after(replicas, most), 0);
  }

  /// The shortest step that has a reading almost always, and in no more of which than can be
  /// learned a replica is ready.
  private static long length(double apart, Outlook outlook) {
    double least =
        Math.max(0.9 * apart, millis(outlook.toReady()) / LearnedHeadroom.LONGEST_HORIZON);
    for (long millis : STEPS) {
      if (millis >= least) {
        return millis;
      }
    }
    return STEPS[STEPS.length - 1];
  }

  /// The terms in steps. A horizon that was chosen before stays while it is about right, so that
  /// what was learned for it is not given up for a hair.
  private LearnedHeadroom.Terms terms(
      Outlook outlook, long millis, Optional<LearnedHeadroom.Terms> before) {
    double steps = millis(outlook.toReady()) / millis;
    int horizon = horizon(steps);
    if (before.isPresent()
        && steps > before.get().horizon() - 1.25
        && steps <= before.get().horizon() + 0.5) {
      horizon = before.get().horizon();
    }
    return new LearnedHeadroom.Terms(
        horizon,
        millis(outlook.lostByStop()) / millis,
        millis(outlook.lostByStart()) / millis,
        risk);
  }

  /// What is ready within a quarter of a step is ready for it.
  private static int horizon(double steps) {
    return Math.clamp((int) Math.ceil(steps - 0.25), 0, LearnedHeadroom.LONGEST_HORIZON);
  }

  private static long number(Instant at, long millis) {
    return Math.floorDiv(at.toEpochMilli(), millis);
  }

  private static double millis(Duration duration) {
    return duration.getSeconds() * 1e3 + duration.getNano() / 1e6;
  }
}
