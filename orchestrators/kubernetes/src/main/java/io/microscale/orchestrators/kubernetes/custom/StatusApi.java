package io.microscale.orchestrators.kubernetes.custom;

import io.microscale.core.orchestrator.OrchestratorException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where people read what becomes of their resources: the status of these, and events.
public interface StatusApi {
  /// What happened to a workload.
  ///
  /// @param warning whether a person has to do something
  /// @param reason one word in CamelCase
  /// @param action what was done, one word
  /// @param note a sentence for people
  record Happening(boolean warning, String reason, String action, String note, Instant at) {}

  /// Sets keys of a status; those that are null are taken away, others stay.
  ///
  /// @return false if there is no such resource any more
  /// @throws OrchestratorException if it cannot be written
  boolean write(CustomResource resource, Map<String, @Nullable Object> status);

  /// Makes an event at the workload of a service.
  ///
  /// @return the name of the event
  /// @throws OrchestratorException if it cannot be written
  String create(CustomResource service, Happening happening);

  /// Says that an event has happened again.
  ///
  /// @param count how often, the first time included
  /// @param last when it happened last
  /// @throws OrchestratorException if it cannot be written
  void repeat(CustomResource service, String event, int count, Instant last);
}
