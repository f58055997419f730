package io.microscale.app.custom;

import io.microscale.app.config.Configuration;
import io.microscale.orchestrators.kubernetes.custom.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a pool and its services come to.
///
/// @param configuration empty if there is nothing that could be run
/// @param inForce what each resource that takes part wants, by name, the pool's by an empty one; as
///   long as it is the same, the configuration is
/// @param verdicts of every resource, the pool first if there is one
/// @param reason why there is no configuration; empty if there is one
public record Reconciliation(
    Optional<Configuration> configuration,
    Map<String, String> inForce,
    List<Verdict> verdicts,
    String reason) {
  public Reconciliation {
    inForce = Map.copyOf(inForce);
    verdicts = List.copyOf(verdicts);
  }

  /// Whether something is refused, which may be put right by what is not followed here, such as a
  /// workload that is made later.
  public boolean isRefusing() {
    return verdicts.stream().anyMatch(verdict -> !verdict.accepted());
  }
}
