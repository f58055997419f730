package io.microscale.orchestrators.docker;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.CrashLoop;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How the services fare whose replicas end by themselves. Guarded by the lock of [Containers].
final class Crashes {
  private final Map<ServiceId, CrashLoop> loops = new HashMap<>();

  private CrashLoop of(ServiceId service) {
    return loops.computeIfAbsent(service, s -> new CrashLoop());
  }

  /// A replica has ended by itself.
  ///
  /// @param others those that there are
  void ended(Held held, Collection<Held> others, Instant now, String why) {
    long nanos = System.nanoTime();
    var loop = of(held.service);
    boolean proven =
        others.stream()
            .anyMatch(
                other ->
                    other.service.equals(held.service)
                        && loop.isNewer(other.bornNanos)
                        && nanos - other.bornNanos >= CrashLoop.PROVEN.toNanos());
    loop.ended(held.bornNanos, nanos, now, why, proven);
  }

  /// More is known of why the last of a service ended.
  void because(ServiceId service, String why) {
    of(service).because(why);
  }

  Optional<Backoff> backoff(ServiceId service, Instant now) {
    return Optional.ofNullable(loops.get(service)).flatMap(loop -> loop.at(now));
  }

  Map<ServiceId, Backoff> backoffs(Instant now) {
    var all = new TreeMap<ServiceId, Backoff>();
    loops.forEach((service, loop) -> loop.at(now).ifPresent(b -> all.put(service, b)));
    return all;
  }
}
