package io.microscale.orchestrators.kubernetes.custom;

import io.microscale.core.loop.Decision;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.ServiceId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What an engine says, as far as a status tells it.
///
/// @param idle why no engine runs; empty if one does
/// @param blind why the engine cannot see the cluster; empty if it can
/// @param pool what it runs, if it runs
/// @param decisions of its last pass
/// @param backoffs services that start nothing for now
record EngineView(
    Optional<String> idle,
    Optional<String> blind,
    Optional<PoolSpec> pool,
    Map<String, Decision> decisions,
    Map<ServiceId, Backoff> backoffs) {
  static EngineView idle(String why) {
    return new EngineView(Optional.of(why), Optional.empty(), Optional.empty(), Map.of(), Map.of());
  }

  static EngineView started(PoolSpec pool) {
    return new EngineView(
        Optional.empty(), Optional.empty(), Optional.of(pool), Map.of(), Map.of());
  }

  EngineView blind(String why) {
    return new EngineView(idle, Optional.of(why), pool, decisions, backoffs);
  }

  EngineView passed(List<Decision> all) {
    var named = new HashMap<String, Decision>();
    all.forEach(decision -> named.put(decision.service().value(), decision));
    return new EngineView(idle, Optional.empty(), pool, named, backoffs);
  }

  EngineView backoffs(Map<ServiceId, Backoff> all) {
    return new EngineView(idle, blind, pool, decisions, all);
  }

  Optional<Decision> decision(String service) {
    return Optional.ofNullable(decisions.get(service));
  }
}
