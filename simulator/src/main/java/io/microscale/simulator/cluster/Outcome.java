package io.microscale.simulator.cluster;

import io.microscale.core.model.ServiceId;
import io.microscale.simulator.standard.Score;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a simulation came to.
///
/// @param score of the highest service that follows a demand, against all remainder services
/// @param services what each did, in replica-seconds
/// @param passes of the engine, from its start
/// @param actions asked for, by verb, from the engine's start
/// @param refusedForRoom starts that came when there was no room
public record Outcome(
    Score score,
    SortedMap<ServiceId, Share> services,
    long passes,
    SortedMap<String, Long> actions,
    int refusedForRoom) {
  public Outcome {
    services = Collections.unmodifiableSortedMap(new TreeMap<>(services));
    actions = Collections.unmodifiableSortedMap(new TreeMap<>(actions));
  }

  Outcome(
      Score score,
      Map<ServiceId, Share> services,
      long passes,
      Map<String, Long> actions,
      int refusedForRoom) {
    this(score, new TreeMap<>(services), passes, new TreeMap<>(actions), refusedForRoom);
  }

  /// What one service did, in replica-seconds.
  ///
  /// @param demanded 0 of a remainder service
  /// @param unserved demand without a ready replica
  /// @param done work done, less `lost`; 0 of a service that follows a demand
  /// @param lost work that stops lost
  /// @param starts replicas started or resumed
  public record Share(double demanded, double unserved, double done, double lost, long starts) {
    static final Share NONE = new Share(0, 0, 0, 0, 0);

    Share plus(Share other) {
      return new Share(
          demanded + other.demanded,
          unserved + other.unserved,
          done + other.done,
          lost + other.lost,
          starts + other.starts);
    }
  }
}
