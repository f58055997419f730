package io.microscale.core.scaling;

import java.util.Arrays;

/// A linear prediction that is corrected with each outcome: recursive least squares with forgetting
/// (Ljung, *System Identification*, 2nd ed. 1999, section 11.2). With `x` what is known, `y` what
/// it led to, `w` the weights and `P` the inverse of the weighted sum of all `x x'`,
///
/// `k = P x / (f + x' P x)`, `w += k (y - w' x)`, `P = (P - k x' P) / f`
///
/// where an outcome that is `n` steps old counts `f^n`. A step costs about `2 size^2`
/// multiplications. Mutable: its owner copies it before it changes it.
final class Regression {
  private static final double FORGETTING = 0.9998;

  /// Above this mean of its diagonal, `P` says that a direction has not been seen for long;
  /// rounding would take over, so it begins anew with the weights that it has.
  private static final double UNSEEN = 1e6;

  private final int size;
  private final double[] weights;
  private final double[] inverse;
  private final double[] gain;

  /// One that predicts 0.
  ///
  /// @param size how many numbers are known each time
  /// @param doubt how far from 0 the weights may lie: the variance that they begin with
  Regression(int size, double doubt) {
    this.size = size;
    weights = new double[size];
    inverse = new double[size * size];
    gain = new double[size];
    fillDiagonal(doubt);
  }

  private Regression(Regression other) {
    size = other.size;
    weights = other.weights.clone();
    inverse = other.inverse.clone();
    gain = new double[size];
  }

  Regression copy() {
    return new Regression(this);
  }

  /// The prediction for what is known.
  double of(double[] known) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += weights[i] * known[i];
    }
    return sum;
  }

  /// Learns what followed.
  void learn(double[] known, double outcome) {
    double spread = FORGETTING;
    for (int i = 0; i < size; i++) {
      double sum = 0;
      for (int j = 0, at = i * size; j < size; j++) {
        sum += inverse[at + j] * known[j];
      }
      gain[i] = sum;
      spread += sum * known[i];
    }
    double error = outcome - of(known);
    double trace = 0;
    for (int i = 0; i < size; i++) {
      double k = gain[i] / spread;
      weights[i] += k * error;
      for (int j = 0, at = i * size; j < size; j++) {
        inverse[at + j] = (inverse[at + j] - k * gain[j]) / FORGETTING;
      }
      trace += inverse[i * size + i];
    }
    if (!(trace <= UNSEEN * size)) {
      Arrays.fill(inverse, 0);
      fillDiagonal(1);
    }
  }

  private void fillDiagonal(double value) {
    for (int i = 0; i < size; i++) {
      inverse[i * (size + 1)] = value;
    }
  }
}
