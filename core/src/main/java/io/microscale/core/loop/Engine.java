package io.microscale.core.loop;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.ServiceId;
import java.time.Duration;
import java.util.function.Consumer;

/// A running engine as its observers and operators see it. All methods may be called from any
/// thread and return at once.
public interface Engine {
  EngineStatus status();

  /// Has `observer` called with every event from now on, in order, on the thread that makes the
  /// passes: it must neither block nor throw; whoever is slow keeps a bounded queue of its own.
  Subscription subscribe(Consumer<LoopEvent> observer);

  /// Hands over a reading of a service and triggers a pass. Of several readings that wait for a
  /// pass the newest counts.
  ///
  /// @throws IllegalArgumentException if the pool has no such service, or it follows no demand
  void push(ServiceId service, Reading reading);

  /// Lays what a person set over a service, in place of what was set before.
  ///
  /// @throws IllegalArgumentException if the pool has no such service
  void override(ServiceId service, ManualOverride override);

  /// Tells observers what a service reports of its work, as totals since the start; see
  /// [LoopEvent.WorkReported].
  void reportWork(ServiceId service, double done, double missed, Duration lost);

  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
