package io.microscale.orchestrators.process;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// What is known of a replica across restarts of the engine: who it is, and what is wanted of it.
///
/// @param token a name of this start that no other has, also in the environment of the process: it
///   finds the process of a record that was written before it was started and never completed
/// @param process absent until it is started
/// @param started when it was asked for
/// @param full what it was started with
/// @param resources what it may use now
/// @param stopGrace kept here so that it can be stopped when its service is no longer configured;
///   `nice` and `logLimitBytes` likewise
record ReplicaRecord(
    ReplicaId id,
    ServiceId service,
    String token,
    Optional<Identity> process,
    Instant started,
    Resources full,
    Resources resources,
    boolean ready,
    boolean paused,
    boolean stopping,
    Duration stopGrace,
    int nice,
    long logLimitBytes,
    OptionalInt port,
    ControlGroup group) {
  private static final String FULL = "full.";
  private static final String NOW = "now.";

  /// What names a process for ever: its number, when it started, and what these are relative to.
  record Identity(int pid, long startTicks, String epoch) {
    /// Whether that process still exists.
    boolean lives(String now) {
      return epoch.equals(now)
          && ProcFs.stat(pid).filter(stat -> stat.startTicks() == startTicks).isPresent();
    }
  }

  ReplicaRecord in(ControlGroup value) {
    return with(process, resources, ready, paused, stopping, value);
  }

  ReplicaRecord running(Identity identity) {
    return with(Optional.of(identity), resources, ready, paused, stopping);
  }

  ReplicaRecord resources(Resources value) {
    return with(process, value, ready, paused, stopping);
  }

  ReplicaRecord ready(boolean value) {
    return with(process, resources, value, paused, stopping);
  }

  ReplicaRecord paused(boolean value) {
    return with(process, resources, ready, value, stopping);
  }

  /// On its way out; what it holds is then what it held.
  ReplicaRecord stopping(Resources held) {
    return with(process, held, ready, paused, true);
  }

  private ReplicaRecord with(
      Optional<Identity> newProcess,
      Resources newResources,
      boolean newReady,
      boolean newPaused,
      boolean newStopping) {
    return with(newProcess, newResources, newReady, newPaused, newStopping, group);
  }

  private ReplicaRecord with(
      Optional<Identity> newProcess,
      Resources newResources,
      boolean newReady,
      boolean newPaused,
      boolean newStopping,
      ControlGroup newGroup) {
    return new ReplicaRecord(
        id,
        service,
        token,
        newProcess,
        started,
        full,
        newResources,
        newReady,
        newPaused,
        newStopping,
        stopGrace,
        nice,
        logLimitBytes,
        port,
        newGroup);
  }

  Map<String, String> fields() {
    var p = new TreeMap<String, String>();
    p.put("version", "1");
    p.put("id", id.value());
    p.put("service", service.value());
    p.put("token", token);
    process.ifPresent(
        it -> {
          p.put("pid", Integer.toString(it.pid));
          p.put("startTicks", Long.toString(it.startTicks));
          p.put("epoch", it.epoch);
        });
    p.put("started", started.toString());
    full.asMap().forEach((name, amount) -> p.put(FULL + name, amount.toString()));
    resources.asMap().forEach((name, amount) -> p.put(NOW + name, amount.toString()));
    p.put("ready", Boolean.toString(ready));
    p.put("paused", Boolean.toString(paused));
    p.put("stopping", Boolean.toString(stopping));
    p.put("stopGrace", stopGrace.toString());
    p.put("nice", Integer.toString(nice));
    p.put("logLimitBytes", Long.toString(logLimitBytes));
    port.ifPresent(value -> p.put("port", Integer.toString(value)));
    group.freezer().ifPresent(path -> p.put("freezer", path.toString()));
    group.cpu().ifPresent(path -> p.put("cpu", path.toString()));
    return p;
  }

  /// Makes a record of its [#fields].
  ///
  /// @throws IllegalArgumentException if something is missing or no value of its kind
  static ReplicaRecord of(Map<String, String> p) {
    try {
      var pid = p.get("pid");
      return new ReplicaRecord(
          new ReplicaId(needed(p, "id")),
          new ServiceId(needed(p, "service")),
          needed(p, "token"),
          pid == null
              ? Optional.empty()
              : Optional.of(
                  new Identity(
                      Integer.parseInt(pid),
                      Long.parseLong(needed(p, "startTicks")),
                      needed(p, "epoch"))),
          Instant.parse(needed(p, "started")),
          amounts(p, FULL),
          amounts(p, NOW),
          Boolean.parseBoolean(needed(p, "ready")),
          Boolean.parseBoolean(needed(p, "paused")),
          Boolean.parseBoolean(needed(p, "stopping")),
          Duration.parse(needed(p, "stopGrace")),
          Integer.parseInt(needed(p, "nice")),
          Long.parseLong(needed(p, "logLimitBytes")),
          p.containsKey("port")
              ? OptionalInt.of(Integer.parseInt(needed(p, "port")))
              : OptionalInt.empty(),
          new ControlGroup(
              Optional.ofNullable(p.get("freezer")).map(Path::of),
              Optional.ofNullable(p.get("cpu")).map(Path::of)));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static String needed(Map<String, String> p, String key) {
    var value = p.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }

  private static Resources amounts(Map<String, String> p, String prefix) {
    Map<String, Long> amounts = new HashMap<>();
    for (var key : p.keySet()) {
      if (key.startsWith(prefix)) {
        amounts.put(key.substring(prefix.length()), Long.parseLong(needed(p, key)));
      }
    }
    return Resources.of(amounts);
  }
}
