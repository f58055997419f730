package io.microscale.app;

import io.microscale.app.config.ResourceConfiguration.Place;
import io.microscale.core.model.Names;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which custom resources are meant, and where they are.
final class CustomResourceOptions {
  @Option(
      names = "--custom-resources",
      required = true,
      paramLabel = "NAMESPACE/POOL",
      description = {
        "In place of a file: the MicroscalePool of this name",
        "with the MicroscaleServices that name it; changes are followed."
      })
  private String resources = "";

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "How the cluster is reached (default: as kubectl does).")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Of the kubeconfig (default: its current one).")
  private @Nullable String context;

  @Option(
      names = "--lease",
      paramLabel = "NAME",
      description = {
        "Of several engines with this Lease, in NAMESPACE, one acts",
        "(default: none, the engine runs alone)."
      })
  private @Nullable String lease;

  /// @throws CommandException if it is none
  String namespace() {
    return part(0);
  }

  /// @throws CommandException if it is none
  String pool() {
    return part(1);
  }

  private String part(int index) {
    var parts = resources.split("/", -1);
    if (parts.length != 2) {
      throw CommandException.wrongUse(
          "--custom-resources: need NAMESPACE/POOL, got '%s'".formatted(resources));
    }
    try {
      return Names.requireLabel("--custom-resources", parts[index]);
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongUse(String.valueOf(e.getMessage()));
    }
  }

  Optional<String> lease() {
    return Optional.ofNullable(lease);
  }

  Place place() {
    return new Place(namespace(), Optional.ofNullable(kubeconfig), Optional.ofNullable(context));
  }

  ClusterAccess access() {
    return new ClusterAccess(
        Optional.ofNullable(kubeconfig), Optional.ofNullable(context), Optional.empty());
  }
}
