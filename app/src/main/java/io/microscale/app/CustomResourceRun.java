package io.microscale.app;

import io.microscale.app.config.Configuration;
import io.microscale.app.config.KubernetesConfig;
import io.microscale.app.custom.Reconciler;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.kubernetes.Capacity;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.orchestrators.kubernetes.KubernetesSettings;
import io.microscale.orchestrators.kubernetes.custom.CustomResources;
import io.microscale.orchestrators.kubernetes.custom.ResourceReporter;
import io.microscale.server.ServerSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The engine of a pool that is a custom resource, alone or as one of several.
///
/// @param engine starts one
/// @param tells whether statuses and events are written
/// @param process what people know this process by, such as the name of its pod
/// @param lines is told what an operator has to know, without waiting
record CustomResourceRun(
    CustomResourceOptions options,
    Starter engine,
    ServerSettings server,
    boolean tells,
    String process,
    Consumer<String> lines) {
  private static final Duration LEASE_DURATION = Duration.ofSeconds(15);
  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
  private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);

  /// Starts an engine with one more observer.
  @FunctionalInterface
  interface Starter {
    /// Starts it.
    ///
    /// @throws CommandException if it cannot be started
    RunningEngine start(
        Configuration configuration,
        ServerSettings server,
        Fence fence,
        Optional<Consumer<LoopEvent>> observer);
  }

  /// An engine that has begun.
  @FunctionalInterface
  interface Begun extends AutoCloseable {
    /// Ends it; replicas go on.
    @Override
    void close();
  }

  /// Begins.
  ///
  /// @throws CommandException if the cluster cannot be asked for the resources, or the address is
  ///   not free
  Begun start() {
    return options.lease().isEmpty()
        ? follow(Fence.NONE)::close
        : elect(options.lease().get())::close;
  }

  private ElectedEngine elect(String lease) {
    var election =
        new KubernetesConfig.Election(
            options.namespace(), lease, LEASE_DURATION, RENEW_DEADLINE, RETRY_PERIOD);
    var cluster =
        new KubernetesConfig(
            options.access(),
            Capacity.Nodes.ALL,
            KubernetesSettings.PAUSED_CPU,
            Optional.of(election),
            Map.of());
    // Asked before anything else, so that a cluster without the kinds is told at once.
    resources(() -> {}).close();
    return ElectedEngine.start(cluster, election, this::follow, server, process, lines);
  }

  private FollowingEngine follow(Fence fence) {
    var changes = new FollowingEngine.Changes();
    var resources = resources(changes);
    boolean started = false;
    try {
      var reporter =
          tells
              ? Optional.of(
                  ResourceReporter.start(
                      resources.statusApi(process), fence, process, InstantSource.system(), lines))
              : Optional.<ResourceReporter>empty();
      Optional<Consumer<LoopEvent>> observer = reporter.map(r -> r);
      var following =
          FollowingEngine.start(
              resources,
              new Reconciler(options.place()),
              changes,
              (configuration, at) -> engine.start(configuration, at, fence, observer),
              reporter,
              server,
              lines);
      started = true;
      return following;
    } finally {
      if (!started) {
        resources.close();
      }
    }
  }

  private CustomResources resources(Runnable changed) {
    try {
      return CustomResources.follow(options.access(), options.namespace(), options.pool(), changed);
    } catch (OrchestratorException | IllegalArgumentException e) {
      throw CommandException.failed("--custom-resources: " + e.getMessage());
    }
  }
}
