package io.microscale.orchestrators.kubernetes;

import io.microscale.core.model.Names;
import java.util.function.Consumer;

/// What [KubernetesOrchestrator] needs to know beside the workloads.
///
/// @param pool a DNS label
/// @param pausedCpu what a paused replica still requests, in thousandths of a core
/// @param onlyLooks change nothing, for a dry run
/// @param notices takes a line for people about what the port has no word for. Must not block
public record KubernetesSettings(
    String pool,
    ClusterAccess access,
    Capacity capacity,
    long pausedCpu,
    boolean onlyLooks,
    Consumer<String> notices) {
  /// What a paused replica requests if nobody says otherwise.
  public static final long PAUSED_CPU = 10;

  public KubernetesSettings {
    Names.requireLabel("pool", pool);
    if (pausedCpu < 1) {
      throw new IllegalArgumentException("pausedCpu: need >= 1m, got " + pausedCpu + "m");
    }
  }

  /// Settings of a pool that has what all nodes have, without notices.
  public static KubernetesSettings of(String pool, ClusterAccess access) {
    return new KubernetesSettings(pool, access, Capacity.Nodes.ALL, PAUSED_CPU, false, line -> {});
  }

  public KubernetesSettings capacity(Capacity value) {
    return new KubernetesSettings(pool, access, value, pausedCpu, onlyLooks, notices);
  }

  public KubernetesSettings notices(Consumer<String> value) {
    return new KubernetesSettings(pool, access, capacity, pausedCpu, onlyLooks, value);
  }

  public KubernetesSettings onlyLooks(boolean value) {
    return new KubernetesSettings(pool, access, capacity, pausedCpu, value, notices);
  }
}
