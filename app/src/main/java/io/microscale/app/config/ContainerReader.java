package io.microscale.app.config;

import io.microscale.orchestrators.docker.Limits;
import io.microscale.orchestrators.docker.Readiness;
import io.microscale.orchestrators.docker.Workload;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads what one replica of a service runs where replicas are containers. Its rules are those of
/// [Workload].
final class ContainerReader {
  private static final Workload.Container NONE = Workload.Container.of("none");
  private static final String CHECK = "healthCheck";

  private final Section service;

  ContainerReader(Section service) {
    this.service = service;
  }

  Workload read() {
    if (!service.has("workload")) {
      service.missing("workload", "need what a replica runs");
    }
    return service.section("workload").<Workload>flatMap(ContainerReader::workload).orElse(NONE);
  }

  private static Optional<? extends Workload> workload(Section workload) {
    var read =
        workload.has("like") && !workload.has("image") ? like(workload) : container(workload);
    workload.finish();
    return read;
  }

  private static Optional<Workload.Like> like(Section workload) {
    var readiness = readiness(workload);
    return workload.build(
        "workload",
        () ->
            new Workload.Like(
                workload.text("like").orElse("none"),
                workload.duration("stopGrace"),
                workload.counts("readiness") ? readiness : Optional.empty()));
  }

  private static Optional<Workload.Container> container(Section workload) {
    if (workload.has("like")) {
      workload.mistakeHere("need exactly one of image, like", "image and like");
    } else if (!workload.has("image")) {
      workload.missing("image", "need an image, or like: the container to copy");
    }
    var readiness = readiness(workload);
    var environment = workload.section("environment").map(Section::allTexts).orElse(Map.of());
    var labels = workload.section("labels").map(Section::allTexts).orElse(Map.of());
    var limits = workload.section("limits").flatMap(ContainerReader::limits).orElse(Limits.NONE);
    return workload.build(
        "workload",
        () ->
            new Workload.Container(
                workload.text("image").orElse(NONE.image()),
                workload.texts("command").orElse(List.of()),
                workload.texts("entrypoint").orElse(List.of()),
                workload.counts("environment") ? environment : Map.of(),
                workload.texts("mounts").orElse(List.of()),
                workload.text("network"),
                workload.counts("limits") ? limits : Limits.NONE,
                workload.duration("stopGrace").orElse(NONE.stopGrace()),
                workload.text("stopSignal"),
                workload.text("user"),
                workload.counts("labels") ? labels : Map.of(),
                workload.counts("readiness")
                    ? readiness.orElse(NONE.readiness())
                    : NONE.readiness()));
  }

  private static Optional<Limits> limits(Section limits) {
    var read =
        limits.build("workload.limits", () -> new Limits(milliCores(limits), memory(limits)));
    limits.finish();
    return read;
  }

  private static OptionalLong milliCores(Section limits) {
    return limits.milliCores("cpu").map(OptionalLong::of).orElse(OptionalLong.empty());
  }

  private static OptionalLong memory(Section limits) {
    return limits.bytes("memory").map(OptionalLong::of).orElse(OptionalLong.empty());
  }

  private static Optional<Readiness> readiness(Section workload) {
    if (!workload.isText("readiness")) {
      return workload.section("readiness").flatMap(ContainerReader::readinessOf);
    }
    var text = workload.text("readiness").orElse("");
    return switch (text) {
      case "started" -> Optional.of(new Readiness.Started());
      case CHECK -> Optional.of(new Readiness.HealthCheck(Readiness.WITHIN));
      default -> {
        workload.mistake(
            "readiness", "need started, healthCheck or {tcpPort: NUMBER}", "'" + text + "'");
        yield Optional.empty();
      }
    };
  }

  private static Optional<Readiness> readinessOf(Section readiness) {
    var given = List.of("tcpPort", CHECK).stream().filter(readiness::has).toList();
    Optional<Readiness> read = Optional.empty();
    if (given.size() != 1) {
      readiness.mistakeHere(
          "need exactly one of tcpPort, healthCheck",
          given.isEmpty() ? "none" : String.join(" and ", given));
    } else {
      boolean check = given.getFirst().equals(CHECK);
      if (check) {
        readiness.section(CHECK).ifPresent(Section::finish);
      }
      read =
          readiness.build(
              "readiness",
              () ->
                  check
                      ? new Readiness.HealthCheck(within(readiness))
                      : new Readiness.Tcp(
                          readiness.integer("tcpPort").orElse(1), within(readiness)));
    }
    readiness.finish();
    return read;
  }

  private static Duration within(Section readiness) {
    return readiness.duration("within").orElse(Readiness.WITHIN);
  }
}
