package io.microscale.orchestrators.kubernetes.election;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.util.Optional;
import java.util.function.Supplier;

/// The Lease in the API server, over a connection of its own: nothing else that the engine asks can
/// delay a renewal.
final class LeaseApi implements LeaseStore, AutoCloseable {
  private final ElectionSettings settings;
  private final KubernetesClient client;

  LeaseApi(Config config, ElectionSettings settings) {
    this.settings = settings;
    int timeout = Math.toIntExact(settings.requestTimeout().toMillis());
    this.client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(config)
                    .withConnectionTimeout(timeout)
                    .withRequestTimeout(timeout)
                    // The election repeats by itself, and knows when it asked.
                    .withRequestRetryBackoffLimit(0)
                    // A request that ran out of time must take its connection with it; with HTTP/2
                    // the next one would wait on the same.
                    .withHttp2Disable(true)
                    .build())
            .build();
  }

  @Override
  public Optional<Lease> read() {
    return Optional.ofNullable(lease().get());
  }

  @Override
  public Optional<Lease> create(Lease lease) {
    return unlessConflict(() -> resource(lease).create());
  }

  @Override
  public Optional<Lease> replace(Lease lease) {
    return unlessConflict(() -> resource(lease).update());
  }

  private Resource<Lease> lease() {
    return client.leases().inNamespace(settings.namespace()).withName(settings.lease());
  }

  private Resource<Lease> resource(Lease lease) {
    return client.leases().inNamespace(settings.namespace()).resource(lease);
  }

  private static Optional<Lease> unlessConflict(Supplier<Lease> write) {
    try {
      return Optional.of(write.get());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
