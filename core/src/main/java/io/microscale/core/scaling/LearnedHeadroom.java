package io.microscale.core.scaling;

/// Learns from a service's own past how many replicas to claim now, so that what may arrive while
/// one gets ready finds them, at a chosen risk. An immutable value: [#after] makes the next one.
///
/// In steps of equal length, with `d` the demand seen last and `L` the steps until a replica that
/// is asked for is ready:
/// 1. The peak of the next `L + 1` steps is predicted by a [Regression] on the last 14 demands, and
///    by a second one the peak of the time after which giving room back has paid for itself.
/// 2. What the prediction misses on the high side is itself predicted, from the level and from how
///    large misses were lately. Four scales are made of it; see [#scales].
/// 3. Of all ways to claim `prediction + reach * scale` and to give back ([Candidates]), the
///    cheapest that would have kept the risk is taken.
/// 4. Until there was time to learn, what was found at the beginning is given back only slowly, and
///    there is at least a quarter and one replica more than the demand.
///
/// A step takes 5 to 15 microseconds, and the memory is 30 to 100 KB, whatever the past.
final class LearnedHeadroom {
  /// The most steps that a replica may take until it is ready.
  static final int LONGEST_HORIZON = 128;

  /// The most steps of work that one stop, or one start, may lose.
  static final int MOST_LOST = 64;

  private static final int LAGS = 14;
  private static final int KNOWN = LAGS + 1;
  private static final int TRAITS = 8;
  private static final int SCALES = 4;
  private static final int MINUTE = 60;
  private static final int REMEMBERED = 512;

  /// Before so many steps, and about so many outcomes, a prediction is no better than the demand
  /// seen last.
  private static final int FIRST_PREDICTION = 40;

  private static final int FIRST_OUTCOMES = 30;

  private static final int FIRST_CHOICE = 10;

  /// After so many steps the past is trusted, whatever the horizon.
  private static final int TRUSTED_AT_LAST = 20_000;

  /// The horizon, in steps, that what is ready at once counts as.
  private static final double SHORTEST = 0.6;

  /// What is learned for.
  ///
  /// @param horizon steps from a claim to its replicas being ready, 0 if that takes less than one
  /// @param lostByStop steps of one replica's work that are lost when it makes room
  /// @param lostByStart steps of one replica's work that are lost when it gets room again
  /// @param risk the part of the demand that may find no replica ready, from 0 to 1
  record Terms(int horizon, double lostByStop, double lostByStart, double risk) {
    Terms {
      if (horizon < 0 || horizon > LONGEST_HORIZON) {
        throw new IllegalArgumentException(
            "horizon: need 0 to " + LONGEST_HORIZON + " steps, got " + horizon);
      }
      if (!(lostByStop >= 0 && lostByStop <= MOST_LOST)
          || !(lostByStart >= 0 && lostByStart <= MOST_LOST)) {
        throw new IllegalArgumentException(
            "lost: need 0 to %d steps each, got %s and %s"
                .formatted(MOST_LOST, lostByStop, lostByStart));
      }
    }
  }

  private final Terms terms;
  private final Parts parts;
  private final int found;
  private final int later;

  private final double[] past;
  private final double[] predictions;
  private final double[] traits;
  private final double[] misses;
  private final Regression peak;
  private final Regression laterPeak;
  private final Regression miss;
  private final Candidates candidates;

  private int steps;
  private int judged;
  private int claim;

  // Means of what predictions err by, fast, over a minute, over five minutes, and ever; likewise of
  // what they miss on the high side.
  private double fastError = 1;
  private double minuteError = 1;
  private double slowError = 1;
  private double everError = 1;
  private double slowMiss = 0.5;
  private double everMiss = 0.5;

  private LearnedHeadroom(Terms terms, Parts parts, int found) {
    this.terms = terms;
    this.parts = parts;
    this.found = found;
    later = terms.horizon + Candidates.stepsThatPay(terms);
    past = new double[REMEMBERED];
    predictions = new double[terms.horizon + 2];
    traits = new double[(terms.horizon + 2) * TRAITS];
    misses = new double[MINUTE];
    peak = new Regression(KNOWN, 100);
    laterPeak = new Regression(KNOWN, 100);
    miss = new Regression(TRAITS, 10);
    candidates = new Candidates(terms, parts, SCALES, found);
    claim = found;
  }

  private LearnedHeadroom(LearnedHeadroom other) {
    terms = other.terms;
    parts = other.parts;
    found = other.found;
    later = other.later;
    past = other.past.clone();
    predictions = other.predictions.clone();
    traits = other.traits.clone();
    misses = other.misses.clone();
    peak = other.peak.copy();
    laterPeak = other.laterPeak.copy();
    miss = other.miss.copy();
    candidates = other.candidates.copy();
    steps = other.steps;
    judged = other.judged;
    claim = other.claim;
    fastError = other.fastError;
    minuteError = other.minuteError;
    slowError = other.slowError;
    everError = other.everError;
    slowMiss = other.slowMiss;
    everMiss = other.everMiss;
  }

  /// One that has seen nothing.
  ///
  /// @param found replicas that were there when it began
  static LearnedHeadroom of(Terms terms, Parts parts, int found) {
    return new LearnedHeadroom(terms, parts, found);
  }

  /// The same past, as far as it is remembered, under other terms.
  LearnedHeadroom under(Terms others, int most) {
    var next = new LearnedHeadroom(others, parts, claim);
    for (int age = Math.min(steps, REMEMBERED) - 1; age >= 0; age--) {
      next.step(seen(age), most);
    }
    return next;
  }

  Terms terms() {
    return terms;
  }

  /// Replicas to claim, from 0 to the `most` of the last step.
  int claim() {
    return claim;
  }

  /// What is known a step later.
  ///
  /// @param demand of that step in replicas, not rounded, at least 0
  /// @param most replicas there can be
  LearnedHeadroom after(double demand, int most) {
    var next = new LearnedHeadroom(this);
    next.step(demand, most);
    return next;
  }

  private void step(double wanted, int most) {
    // No claim is to blame for what there can be no replicas for.
    double demand = Math.min(wanted, most);
    past[steps % REMEMBERED] = demand;
    steps++;
    // The first step is what follows: nobody could have claimed for it.
    learn();
    candidates.judge(steps, demand);

    var known = known(0);
    boolean predicts =
        parts.predicts() && steps >= Math.max(FIRST_PREDICTION, terms.horizon + FIRST_OUTCOMES);
    double expected = predicts ? Math.max(0, peak.of(known)) : demand;
    // Where giving back costs nothing nobody asks for it.
    double expectedLater = predicts ? laterPeak.of(known) : demand;
    var trait = traits(demand, known);
    int at = steps % predictions.length;
    predictions[at] = expected;
    System.arraycopy(trait, 0, traits, at * TRAITS, TRAITS);
    candidates.claim(steps, expected, expectedLater, scales(trait), most);
    claim = Math.clamp(chosen(demand), 0, most);
    candidates.claimed(steps, claim);
  }

  private int chosen(double demand) {
    int learned =
        steps < FIRST_CHOICE + terms.horizon ? 0 : candidates.best(parts.spent() * terms.risk);
    double doubt = Math.max(0, 1 - steps / stepsUntilTrusted());
    if (doubt == 0) {
      return learned;
    }
    int given = Ceiling.of(found * doubt);
    return Math.max(learned, Math.max(given, Headroom.UNLEARNED.cover(demand)));
  }

  /// What one surprise leaves unserved grows with the square of the horizon: the rise within it,
  /// for as long. What may be left unserved grows with time.
  private double stepsUntilTrusted() {
    double horizon = Math.max(SHORTEST, terms.horizon);
    return Math.min(TRUSTED_AT_LAST, parts.trusted() * horizon * horizon);
  }

  /// Compares what was predicted a horizon ago with what came, and likewise for the later peak.
  private void learn() {
    int horizon = terms.horizon;
    if (steps > horizon + 1) {
      int then = steps - 1 - horizon;
      int at = then % predictions.length;
      double came = peakSeen(horizon);
      double error = came - predictions[at];
      peak.learn(known(horizon + 1), came);
      double missed = Math.max(error, 0);
      var trait = new double[TRAITS];
      System.arraycopy(traits, at * TRAITS, trait, 0, TRAITS);
      miss.learn(trait, missed);
      remember(Math.abs(error), missed);
    }
    if (later > horizon && steps > later + 1) {
      laterPeak.learn(known(later + 1), peakSeen(later));
    }
  }

  private void remember(double error, double missed) {
    fastError += (error - fastError) * 0.1;
    minuteError += (error - minuteError) * 0.02;
    slowError += (error - slowError) * 0.003;
    slowMiss += (missed - slowMiss) * 0.003;
    misses[judged % MINUTE] = missed;
    judged++;
    // As if the first values had been seen for 50 steps; in the end over about 20,000.
    int seen = Math.min(50 + judged, 20_000);
    everError += (error - everError) / seen;
    everMiss += (missed - everMiss) / seen;
  }

  /// What a miss may depend on.
  private double[] traits(double demand, double[] known) {
    double worst = 0;
    for (double missed : misses) {
      worst = Math.max(worst, missed);
    }
    return new double[] {
      1,
      Math.sqrt(demand),
      demand / 10,
      fastError,
      minuteError,
      slowError,
      Math.abs(known[1]),
      worst / 5
    };
  }

  /// By how much predictions err, in four ways of which no single one is best for every demand: by
  /// what the traits tell with much or little of the mean of all errors, or with half a replica;
  /// and whatever they tell, in whole replicas.
  private double[] scales(double[] trait) {
    double told = parts.tells() ? Math.max(0.15 * slowMiss + 0.02, miss.of(trait)) : slowMiss;
    return new double[] {
      everError + 2 * told + 0.5 * fastError, 0.5 + told, 1.5, 0.5 * everMiss + told
    };
  }

  /// The regressor at a step that is `age` steps old: the demand then, how it had changed in each
  /// of the steps before, and 1.
  private double[] known(int age) {
    var known = new double[KNOWN];
    known[0] = seen(age);
    for (int i = 1; i < LAGS; i++) {
      known[i] = seen(age + i - 1) - seen(age + i);
    }
    known[LAGS] = 1;
    return known;
  }

  private double peakSeen(int age) {
    double peak = 0;
    for (int i = 0; i <= age; i++) {
      peak = Math.max(peak, seen(i));
    }
    return peak;
  }

  /// The demand of `age` steps ago, 0 before the beginning.
  private double seen(int age) {
    return age < steps ? past[(steps - 1 - age) % REMEMBERED] : 0;
  }
}
