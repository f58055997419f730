package io.microscale.orchestrators.kubernetes.custom;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/// The pool of one name and the services of its namespace that name it, as the API server has them
/// now. What it knows stays while the server cannot be reached, and is made good afterwards.
public final class CustomResources implements AutoCloseable {
  private static final Duration FIRST_ANSWER = Duration.ofSeconds(30);
  private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(500);

  private final KubernetesClient client;
  private final String namespace;
  private final String pool;
  private final Map<CustomResource.Kind, SharedIndexInformer<GenericKubernetesResource>> informers =
      new EnumMap<>(CustomResource.Kind.class);

  private CustomResources(KubernetesClient client, String namespace, String pool) {
    this.client = client;
    this.namespace = namespace;
    this.pool = pool;
  }

  /// Follows them, and returns once they are known.
  ///
  /// @param changed is called when what is wanted may have changed, from any thread. Must not block
  /// @throws OrchestratorException `UNAVAILABLE` if the server does not answer, `REJECTED` if it
  ///   does not know these kinds or may not tell of them
  /// @throws IllegalArgumentException if the kubeconfig or the context does not exist
  public static CustomResources follow(
      ClusterAccess access, String namespace, String pool, Runnable changed) {
    var client = new KubernetesClientBuilder().withConfig(access.config()).build();
    var resources = new CustomResources(client, namespace, pool);
    boolean known = false;
    try {
      for (var kind : CustomResource.Kind.values()) {
        resources.follow(kind, changed);
      }
      known = true;
      return resources;
    } finally {
      if (!known) {
        resources.close();
      }
    }
  }

  private void follow(CustomResource.Kind kind, Runnable changed) {
    var objects = client.genericKubernetesResources(context(kind)).inNamespace(namespace);
    requireKind(kind);
    var informer = objects.runnableInformer(0).exceptionHandler((started, problem) -> true);
    informers.put(kind, informer);
    informer.addEventHandler(new Changes(changed));
    try {
      informer.start().toCompletableFuture().get(FIRST_ANSWER.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OrchestratorException(OrchestratorException.Kind.UNAVAILABLE, "interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new OrchestratorException(
          OrchestratorException.Kind.UNAVAILABLE,
          "%s in %s cannot be read: %s".formatted(kind.plural(), namespace, e),
          e);
    }
  }

  /// An informer tells nothing of why it cannot begin, but tries again: so this asks first.
  private void requireKind(CustomResource.Kind kind) {
    long deadline = System.nanoTime() + FIRST_ANSWER.toNanos();
    while (true) {
      try {
        requireAnswer(kind);
        return;
      } catch (OrchestratorException e) {
        if (e.kind() == OrchestratorException.Kind.REJECTED || System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(BETWEEN_QUESTIONS.toNanos());
      }
    }
  }

  private OrchestratorException refusal(CustomResource.Kind kind, KubernetesClientException e) {
    return switch (e.getCode()) {
      case HttpURLConnection.HTTP_NOT_FOUND ->
          new OrchestratorException(
              OrchestratorException.Kind.REJECTED,
              "the cluster does not know %s.%s: its CustomResourceDefinition has to be installed"
                  .formatted(kind.plural(), CustomResource.GROUP),
              e);
      case HttpURLConnection.HTTP_FORBIDDEN ->
          new OrchestratorException(
              OrchestratorException.Kind.REJECTED, String.valueOf(e.getMessage()), e);
      default ->
          new OrchestratorException(
              OrchestratorException.Kind.UNAVAILABLE,
              "%s in %s cannot be read: %s"
                  .formatted(
                      kind.plural(),
                      namespace,
                      e.getCause() == null ? e.getMessage() : e.getCause().toString()),
              e);
    };
  }

  private static ResourceDefinitionContext context(CustomResource.Kind kind) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(CustomResource.GROUP)
        .withVersion(CustomResource.VERSION)
        .withKind(kind.word())
        .withPlural(kind.plural())
        .withNamespaced(true)
        .build();
  }

  /// Returns if the server answers now.
  ///
  /// @throws OrchestratorException otherwise
  public void requireAnswer() {
    requireAnswer(CustomResource.Kind.POOL);
  }

  private void requireAnswer(CustomResource.Kind kind) {
    try {
      var one = new ListOptionsBuilder().withLimit(1L).build();
      client.genericKubernetesResources(context(kind)).inNamespace(namespace).list(one);
    } catch (KubernetesClientException e) {
      throw refusal(kind, e);
    }
  }

  /// The pool, if there is one.
  public Optional<CustomResource> pool() {
    return all(CustomResource.Kind.POOL).stream().filter(p -> p.name().equals(pool)).findFirst();
  }

  /// The services of the pool, by name.
  public List<CustomResource> services() {
    return all(CustomResource.Kind.SERVICE).stream()
        .filter(service -> service.poolRef().equals(Optional.of(pool)))
        .sorted(Comparator.comparing(CustomResource::name))
        .toList();
  }

  private List<CustomResource> all(CustomResource.Kind kind) {
    var informer = informers.get(kind);
    var json = client.getKubernetesSerialization();
    return informer == null
        ? List.of()
        : informer.getStore().list().stream()
            .map(object -> CustomResource.of(kind, object, json))
            .toList();
  }

  /// Where status and events of these resources are written to.
  ///
  /// @param engine what people know this process by, such as the name of its pod
  public StatusApi statusApi(String engine) {
    return new ClusterStatusApi(client, CustomResources::context, engine);
  }

  @Override
  public void close() {
    informers.values().forEach(SharedIndexInformer::close);
    client.close();
  }

  /// Tells of changes of what is wanted, and not of what is.
  private record Changes(Runnable changed)
      implements ResourceEventHandler<GenericKubernetesResource> {
    @Override
    public void onAdd(GenericKubernetesResource object) {
      changed.run();
    }

    @Override
    public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource object) {
      boolean same =
          before.getMetadata().getUid().equals(object.getMetadata().getUid())
              && before.getMetadata().getGeneration().equals(object.getMetadata().getGeneration());
      if (!same) {
        changed.run();
      }
    }

    @Override
    public void onDelete(GenericKubernetesResource object, boolean unknownFinalState) {
      changed.run();
    }
  }
}
