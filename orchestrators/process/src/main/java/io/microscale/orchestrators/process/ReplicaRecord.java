package io.microscale.orchestrators.process;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;

/// What is known of a replica across restarts of the engine: who it is, and what is wanted of it.
///
/// @param token a random name of this start, also in the environment of the process: it finds the
///   process of a record that was written before it was started and never completed
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

  Properties toProperties() {
    var p = new Properties();
    p.setProperty("version", "1");
    p.setProperty("id", id.value());
    p.setProperty("service", service.value());
    p.setProperty("token", token);
    process.ifPresent(
        it -> {
          p.setProperty("pid", Integer.toString(it.pid));
          p.setProperty("startTicks", Long.toString(it.startTicks));
          p.setProperty("epoch", it.epoch);
        });
    p.setProperty("started", started.toString());
    full.asMap().forEach((name, amount) -> p.setProperty(FULL + name, amount.toString()));
    resources.asMap().forEach((name, amount) -> p.setProperty(NOW + name, amount.toString()));
    p.setProperty("ready", Boolean.toString(ready));
    p.setProperty("paused", Boolean.toString(paused));
    p.setProperty("stopping", Boolean.toString(stopping));
    p.setProperty("stopGrace", stopGrace.toString());
    p.setProperty("nice", Integer.toString(nice));
    p.setProperty("logLimitBytes", Long.toString(logLimitBytes));
    port.ifPresent(value -> p.setProperty("port", Integer.toString(value)));
    group.freezer().ifPresent(path -> p.setProperty("freezer", path.toString()));
    group.cpu().ifPresent(path -> p.setProperty("cpu", path.toString()));
    return p;
  }

  /// Reads what [#toProperties] wrote.
  ///
  /// @throws IllegalArgumentException if something is missing or no value of its kind
  static ReplicaRecord of(Properties p) {
    try {
      var pid = p.getProperty("pid");
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
              Optional.ofNullable(p.getProperty("freezer")).map(Path::of),
              Optional.ofNullable(p.getProperty("cpu")).map(Path::of)));
    } catch (java.time.DateTimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static String needed(Properties p, String key) {
    var value = p.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }

  private static Resources amounts(Properties p, String prefix) {
    Map<String, Long> amounts = new HashMap<>();
    for (var key : p.stringPropertyNames()) {
      if (key.startsWith(prefix)) {
        amounts.put(key.substring(prefix.length()), Long.parseLong(needed(p, key)));
      }
    }
    return Resources.of(amounts);
  }
}
