package io.microscale.simulator.policies;

/// How many replicas the Kubernetes horizontal pod autoscaler (`autoscaling/v2`) wants, before its
/// stabilisation and limits. All ratios within a tenth of 1 change nothing.
final class HpaFormula {
  private static final double TOLERANCE = 0.1;
  private static final int WHOLE_PERCENT = 100;

  private HpaFormula() {}

  /// An external metric per replica (`AverageValue`): `ceil(value / target)`.
  ///
  /// @param replicas how many there are
  /// @param target what one replica should have of it
  static int averageValue(int replicas, double value, double target) {
    return within(value / (target * replicas)) ? replicas : Replicas.up(value / target);
  }

  /// An external metric as a whole (`Value`): the ready replicas times `value / target`.
  static int value(int replicas, int ready, double value, double target) {
    double ratio = value / target;
    if (replicas == 0) {
      return Replicas.up(ratio);
    }
    return within(ratio) ? replicas : Replicas.up(ratio * ready);
  }

  /// A resource in percent of what the pods request (`Utilization`). Pods without a measurement
  /// count against the change: as idle where it would add replicas, as fully busy where it would
  /// take some.
  ///
  /// @param replicas how many there are
  /// @param usagePercent what the measured pods use together, in percent of one pod's request
  /// @param measured pods that are ready and measured
  /// @param missing pods that are ready and not measured
  /// @param unready pods that are not ready
  /// @param targetPercent the mean utilisation to reach
  static int utilisation(
      int replicas,
      double usagePercent,
      int measured,
      int missing,
      int unready,
      int targetPercent) {
    if (measured == 0) {
      return replicas;
    }
    double ratio = ratio(usagePercent, measured, targetPercent);
    boolean up = ratio > 1;
    if (missing == 0 && !(unready > 0 && up)) {
      return within(ratio) ? replicas : Replicas.up(ratio * measured);
    }
    double filled =
        up
            ? usagePercent
            : usagePercent + missing * (double) Math.max(WHOLE_PERCENT, targetPercent);
    int counted = measured + missing + (up ? unready : 0);
    double corrected = ratio(filled, counted, targetPercent);
    if (within(corrected) || corrected > 1 != up) {
      return replicas;
    }
    int wanted = Replicas.up(corrected * counted);
    return wanted > replicas == up ? wanted : replicas;
  }

  private static double ratio(double usagePercent, int pods, int targetPercent) {
    return Math.floor(usagePercent / pods + 1e-9) / targetPercent;
  }

  private static boolean within(double ratio) {
    return Math.abs(ratio - 1) <= TOLERANCE + 1e-12;
  }
}
