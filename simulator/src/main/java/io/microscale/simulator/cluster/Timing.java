package io.microscale.simulator.cluster;

import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import java.util.Map;

/// How long everything takes in a cluster.
///
/// @param answer from an action being asked for to its being done or refused, by [Action#verb];
///   verbs that are left out are answered at once. Only [SimulatedOrchestrator#ask] waits for it
/// @param effect from an action being accepted to its taking effect
/// @param start from a start taking effect to the replica being ready, by service
/// @param otherStart likewise for the services that `start` leaves out
/// @param stop from a stop taking effect to the replica being gone
/// @param report from a change to its being observed
/// @param notice from a change being observed to the watchers being told
public record Timing(
    Map<String, Latency> answer,
    Latency effect,
    Map<ServiceId, Latency> start,
    Latency otherStart,
    Latency stop,
    Latency report,
    Latency notice) {
  /// Everything happens at once.
  public static final Timing NONE =
      new Timing(
          Map.of(),
          Latency.none(),
          Map.of(),
          Latency.none(),
          Latency.none(),
          Latency.none(),
          Latency.none());

  public Timing {
    answer = Map.copyOf(answer);
    start = Map.copyOf(start);
  }

  /// How replicas start and stop, everything else at once.
  public static Timing of(Latency start, Latency stop) {
    return NONE.starting(start).stopping(stop);
  }

  Latency answerTo(Action action) {
    return answer.getOrDefault(action.verb(), Latency.none());
  }

  Latency startOf(ServiceId service) {
    return start.getOrDefault(service, otherStart);
  }

  /// Whether what an action did can be missing from a snapshot taken after it.
  boolean isLate() {
    return !effect.isNone() || !report.isNone();
  }

  public Timing answering(Map<String, Latency> byVerb) {
    return new Timing(byVerb, effect, start, otherStart, stop, report, notice);
  }

  public Timing taking(Latency other) {
    return new Timing(answer, other, start, otherStart, stop, report, notice);
  }

  /// Of every service.
  public Timing starting(Latency all) {
    return new Timing(answer, effect, Map.of(), all, stop, report, notice);
  }

  /// Of these services; the others stay as they are.
  public Timing starting(Map<ServiceId, Latency> some) {
    return new Timing(answer, effect, some, otherStart, stop, report, notice);
  }

  public Timing stopping(Latency other) {
    return new Timing(answer, effect, start, otherStart, other, report, notice);
  }

  public Timing reporting(Latency other) {
    return new Timing(answer, effect, start, otherStart, stop, other, notice);
  }

  public Timing noticing(Latency other) {
    return new Timing(answer, effect, start, otherStart, stop, report, other);
  }
}
