package io.microscale.app.engine;

import io.microscale.app.CommandException;
import io.microscale.core.model.Names;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options of commands that make things of their own in a Kubernetes cluster.
public final class ClusterOptions {
  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "How a Kubernetes is reached (default: what kubectl would take).")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Of the kubeconfig (default: its current one).")
  private @Nullable String context;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description =
          "Is made and removed again; must not exist (default: one with a name of its own).")
  private @Nullable String namespace;

  /// Whether any of them was given.
  public boolean isGiven() {
    return kubeconfig != null || context != null || namespace != null;
  }

  public ClusterAccess access() {
    return new ClusterAccess(
        Optional.ofNullable(kubeconfig), Optional.ofNullable(context), Optional.empty());
  }

  /// The namespace to make.
  ///
  /// @param prefix of the name if none was given
  public String namespace(String prefix) {
    if (namespace == null) {
      return prefix + "-" + ProcessHandle.current().pid();
    }
    try {
      Names.requireLabel("--namespace", namespace);
      return namespace;
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongUse(String.valueOf(e.getMessage()));
    }
  }
}
