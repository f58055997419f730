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

  /// A longer time without readings, in mean times between them, counts as so long: that a source
  /// was away does not mean that it has become slower.
  private static final int LONGEST_GAP = 9;

  /// How far the length of steps may be from what it would be chosen as now.
  private static final double ABOUT_RIGHT = 1.1;

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

  /// The same past, at another risk: as after a change of the configuration.
  Learning at(Headroom.Learned headroom) {
    return headroom.risk() == risk
        ? this
        : new Learning(headroom.risk(), parts, found, lastAt, interval, early, claim, inSteps);
  }

  /// Replicas to claim, from 0 to the `most` of the last reading that counted.
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
    if (interval == 0) {
      return last;
    }
    double counted = inSteps.isPresent() ? Math.min(last, LONGEST_GAP * interval) : last;
    return interval + (counted - interval) / EARLY;
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
    long millis = length(apart, outlook, is.millis);
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
    return length(least(apart, outlook));
  }

  /// Likewise; one that was chosen before stays while it is about right, because with another all
  /// begins anew.
  private static long length(double apart, Outlook outlook, long before) {
    double least = least(apart, outlook);
    return before >= length(least / ABOUT_RIGHT) && before <= length(least * ABOUT_RIGHT)
        ? before
        : length(least);
  }

  private static double least(double apart, Outlook outlook) {
    return Math.max(0.9 * apart, millis(outlook.toReady()) / LearnedHeadroom.LONGEST_HORIZON);
  }

  private static long length(double least) {
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
    if (before.isPresent() && isAboutRight(before.get().horizon(), steps)) {
      horizon = before.get().horizon();
    }
    return new LearnedHeadroom.Terms(
        horizon, lost(outlook.lostByStop(), millis), lost(outlook.lostByStart(), millis), risk);
  }

  private static boolean isAboutRight(int horizon, double steps) {
    return steps > horizon - Math.max(1.25, 0.2 * horizon)
        && steps <= horizon + Math.max(0.5, 0.1 * horizon);
  }

  private static double lost(Duration lost, long millis) {
    return Math.min(LearnedHeadroom.MOST_LOST, millis(lost) / millis);
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
