package io.microscale.core.scaling;

/// Which parts of the learned headroom are in use, and its few numbers: for the benchmark that
/// shows what each is worth. An engine uses [#ALL].
///
/// @param predicts claims follow a prediction of demand, else the demand seen last
/// @param tells how large misses are to be expected is predicted, else it is their mean
/// @param returnsByPrediction room may be kept because it will be needed again soon, else only
///   because it was needed a moment ago
/// @param fearsWorst counts the worst rush of a candidate once more
/// @param corrects claims less, or more, when more, or less, than the risk was left unserved
/// @param spent the part of the risk that is spent; the rest is for what no past can know
/// @param trusted steps until the past is trusted, if a replica takes one step to be ready
/// @param kept what a step leaves of the sums of the steps before
public record Parts(
    boolean predicts,
    boolean tells,
    boolean returnsByPrediction,
    boolean fearsWorst,
    boolean corrects,
    double spent,
    int trusted,
    double kept) {
  public static final Parts ALL = new Parts(true, true, true, true, true, 0.95, 60, 0.9999);

  public Parts {
    if (!(spent > 0 && spent <= 1 && kept > 0 && kept <= 1) || trusted < 1) {
      throw new IllegalArgumentException(
          "parts: need spent and kept in (0, 1] and trusted >= 1, got %s, %s, %d"
              .formatted(spent, kept, trusted));
    }
  }
}
