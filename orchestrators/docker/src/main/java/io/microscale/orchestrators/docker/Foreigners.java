package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.model.Resources;
import io.microscale.orchestrators.docker.engine.Labels;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;

/// Counts what containers that are not the pool's have reserved on the machine by their limits. Not
/// for use by two threads at once.
///
/// The limits of each are asked for once, and again every sixth time.
final class Foreigners {
  private static final int REFRESH = 6;
  private static final long NANO_PER_MILLI = 1_000_000;

  private final Engine engine;
  private final Containers containers;
  private final Resources machine;
  private final boolean counting;
  private final Map<String, Resources> reserved = new HashMap<>();
  private int round;

  /// @param counting false in a pool of slots, which others do not take
  Foreigners(Engine engine, Containers containers, Resources machine, boolean counting) {
    this.engine = engine;
    this.containers = containers;
    this.machine = machine;
    this.counting = counting;
  }

  void count() {
    if (!counting) {
      return;
    }
    if (round++ % REFRESH == 0) {
      reserved.clear();
    }
    var running = new HashSet<String>();
    var sum = Resources.NONE;
    for (var one : engine.client().get("/containers/json")) {
      if (!one.path("Labels").path(Labels.POOL).asText().equals(engine.pool())) {
        var id = one.path("Id").asText();
        running.add(id);
        sum = sum.plus(reserved.computeIfAbsent(id, this::limits));
      }
    }
    reserved.keySet().retainAll(running);
    containers.capacity(machine.minus(sum).positivePart());
  }

  private Resources limits(String id) {
    var answer = engine.inspect(id);
    return answer.isError() ? Resources.NONE : limits(answer.json().path("HostConfig"));
  }

  static Resources limits(JsonNode host) {
    long milliCpu = host.path("NanoCpus").asLong(0) / NANO_PER_MILLI;
    long quota = host.path("CpuQuota").asLong(0);
    long period = host.path("CpuPeriod").asLong(0);
    if (milliCpu == 0 && quota > 0) {
      milliCpu = quota * 1000 / (period > 0 ? period : 100_000);
    }
    return Resources.cpuAndMemory(milliCpu, Math.max(0, host.path("Memory").asLong(0)));
  }
}
