package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// How the API server is reached.
///
/// @param kubeconfig empty for what `kubectl` would take: `$KUBECONFIG`, `~/.kube/config`, and
///   inside a pod the service account
/// @param context of the kubeconfig; empty for its current one
/// @param server replaces the address that the kubeconfig gives, for a proxy or a tunnel
public record ClusterAccess(
    Optional<Path> kubeconfig, Optional<String> context, Optional<String> server) {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int ANSWER_MILLIS = 5_000;

  /// What `kubectl` would take.
  public static final ClusterAccess DEFAULT =
      new ClusterAccess(Optional.empty(), Optional.empty(), Optional.empty());

  /// The current context of a kubeconfig.
  public static ClusterAccess of(Path kubeconfig) {
    return new ClusterAccess(Optional.of(kubeconfig), Optional.empty(), Optional.empty());
  }

  public ClusterAccess server(String value) {
    return new ClusterAccess(kubeconfig, context, Optional.of(value));
  }

  /// The same for the client: without retries of its own, since who asks repeats, and without
  /// HTTP/2, since there a request that ran out of time leaves its connection to the next one.
  ///
  /// @throws IllegalArgumentException if the kubeconfig or the context does not exist
  public Config config() {
    return new ConfigBuilder(read())
        .withConnectionTimeout(CONNECT_MILLIS)
        .withRequestTimeout(ANSWER_MILLIS)
        .withRequestRetryBackoffLimit(0)
        .withHttp2Disable(true)
        .build();
  }

  private Config read() {
    if (kubeconfig.isPresent() && !Files.isReadable(kubeconfig.get())) {
      throw new IllegalArgumentException(
          "kubeconfig: need a file that can be read, got '%s'".formatted(kubeconfig.get()));
    }
    var config =
        kubeconfig.isPresent()
            ? Config.fromKubeconfig(kubeconfig.get().toFile())
            : Config.autoConfigure(null);
    if (context.isPresent()) {
      var there =
          config.getContexts().stream().filter(c -> c.getName().equals(context.get())).findFirst();
      if (there.isEmpty()) {
        throw new IllegalArgumentException(
            "context: need one of the kubeconfig's, got '%s'".formatted(context.get()));
      }
      config =
          kubeconfig.isPresent()
              ? contextOf(kubeconfig.get(), context.get())
              : Config.autoConfigure(context.get());
    }
    server.ifPresent(config::setMasterUrl);
    return config;
  }

  private static Config contextOf(Path kubeconfig, String context) {
    return Config.fromKubeconfig(context, kubeconfig.toFile());
  }
}
