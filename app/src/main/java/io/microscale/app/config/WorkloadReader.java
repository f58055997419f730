package io.microscale.app.config;

import io.microscale.orchestrators.process.Readiness;
import io.microscale.orchestrators.process.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Reads what one replica of a service runs. Its rules are those of [Workload].
final class WorkloadReader {
  private static final Workload NONE = Workload.of("none");
  private static final String ANY_PORT = "${PORT}";

  private final Section service;
  private final Path folder;

  /// @param folder that of the file, in which replicas run unless told otherwise
  WorkloadReader(Section service, Path folder) {
    this.service = service;
    this.folder = folder;
  }

  Workload read() {
    if (!service.has("workload")) {
      service.missing("workload", "need what a replica runs");
    }
    return service.section("workload").flatMap(this::workload).orElse(NONE);
  }

  private Optional<Workload> workload(Section workload) {
    if (!workload.has("command")) {
      workload.missing("command", "need a list: the program and its arguments");
    }
    var readiness = readiness(workload);
    var environment = workload.section("environment").map(Section::allTexts).orElse(Map.of());
    var read =
        workload.build(
            "workload",
            () ->
                new Workload(
                    workload.texts("command").orElse(NONE.command()),
                    workload.counts("environment") ? environment : Map.of(),
                    Optional.of(
                        workload.made("workingFolder", folder::resolve).orElse(folder).normalize()),
                    workload.duration("stopGrace").orElse(NONE.stopGrace()),
                    readiness,
                    workload.integer("nice").orElse(NONE.nice()),
                    workload.bytes("logLimit").orElse(NONE.logLimitBytes())));
    workload.finish();
    return read;
  }

  private static Readiness readiness(Section workload) {
    if (workload.isText("readiness")) {
      if (!workload.text("readiness").equals(Optional.of("started"))) {
        workload.mistake(
            "readiness",
            "need started, {line: TEXT} or {tcpPort: NUMBER}",
            "'" + workload.text("readiness").orElse("") + "'");
      }
      return NONE.readiness();
    }
    return workload
        .section("readiness")
        .flatMap(WorkloadReader::readinessOf)
        .orElse(NONE.readiness());
  }

  private static Optional<Readiness> readinessOf(Section readiness) {
    var given = List.of("line", "tcpPort").stream().filter(readiness::has).toList();
    var within = readiness.duration("within").orElse(Readiness.WITHIN);
    Optional<Readiness> read = Optional.empty();
    if (given.size() != 1) {
      readiness.mistakeHere(
          "need exactly one of line, tcpPort", given.isEmpty() ? "none" : "line and tcpPort");
    } else if (given.getFirst().equals("line")) {
      read =
          readiness.build(
              "readiness",
              () ->
                  Readiness.OutputLine.containing(
                      readiness.text("line").orElse("any"), withinOf(readiness, within)));
    } else {
      read = readiness.build("readiness", () -> tcpPort(readiness, withinOf(readiness, within)));
    }
    readiness.finish();
    return read;
  }

  private static Duration withinOf(Section readiness, Duration within) {
    return readiness.counts("within") ? within : Readiness.WITHIN;
  }

  private static Readiness tcpPort(Section readiness, Duration within) {
    boolean any =
        readiness.isText("tcpPort") && readiness.text("tcpPort").equals(Optional.of(ANY_PORT));
    var port = any ? Optional.<Integer>empty() : readiness.integer("tcpPort");
    try {
      return new Readiness.TcpPort(port.map(OptionalInt::of).orElse(OptionalInt.empty()), within);
    } catch (IllegalArgumentException e) {
      // There the rule speaks of the port, here the key says of which kind it is.
      var rule = String.valueOf(e.getMessage());
      throw new IllegalArgumentException(rule.replace("readiness.port:", "readiness.tcpPort:"), e);
    }
  }
}
