package io.microscale.app.config;

import io.microscale.core.model.Resources;
import io.microscale.orchestrators.docker.swarm.SwarmWorkload;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads which service of a swarm a service is, or what it is to run there. Its rules are those of
/// [SwarmWorkload].
final class SwarmReader {
  private final Section service;
  private final Resources resources;
  private final boolean stack;

  /// @param resources of one replica
  /// @param stack whether the pool names a stack, in which a service is looked for by its name
  SwarmReader(Section service, Resources resources, boolean stack) {
    this.service = service;
    this.resources = resources;
    this.stack = stack;
  }

  SwarmWorkload read() {
    var ofStack = new SwarmWorkload.Existing(Optional.empty(), resources);
    if (!service.has("workload")) {
      if (!stack) {
        service.missing(
            "workload", "need an image, the name of a service, or a stack for the pool");
      }
      return ofStack;
    }
    return service.section("workload").<SwarmWorkload>flatMap(this::workload).orElse(ofStack);
  }

  private Optional<? extends SwarmWorkload> workload(Section workload) {
    var given = List.of("service", "image").stream().filter(workload::has).toList();
    Optional<? extends SwarmWorkload> read = Optional.empty();
    if (given.size() != 1) {
      workload.mistakeHere(
          "need exactly one of service, image",
          given.isEmpty() ? "none" : String.join(" and ", given));
    } else if (given.getFirst().equals("service")) {
      read = workload.text("service").map(name -> SwarmWorkload.Existing.named(name, resources));
    } else {
      read = image(workload);
    }
    workload.finish();
    return read;
  }

  private Optional<SwarmWorkload.Image> image(Section workload) {
    var environment = workload.section("environment").map(Section::allTexts).orElse(Map.of());
    var usual = SwarmWorkload.Image.of("none", resources);
    return workload.build(
        "workload",
        () ->
            new SwarmWorkload.Image(
                workload.text("image").orElse(usual.image()),
                workload.texts("command").orElse(usual.command()),
                workload.counts("environment") ? environment : Map.of(),
                workload.texts("networks").orElse(usual.networks()),
                workload.texts("mounts").orElse(usual.mounts()),
                workload.texts("constraints").orElse(usual.constraints()),
                workload.duration("stopGrace").orElse(usual.stopGrace()),
                workload.text("stopSignal"),
                workload.duration("restartDelay").orElse(usual.restartDelay()),
                workload.flag("virtualIp").orElse(usual.virtualIp()),
                resources));
  }
}
