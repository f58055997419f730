package io.microscale.app.bench.reaction.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The pods of a namespace as the API server tells of them, and when how many of an application
/// were serving. One pair of eyes for all who are measured.
final class Pods implements AutoCloseable {
  private final SharedIndexInformer<Pod> informer;
  private final Map<String, Seen> pods = new HashMap<>(); // by uid
  private Predicate<Seen> serving = pod -> false;
  private long begun = System.nanoTime();
  private double[] millis = {}; // by the number that serve; negative until it is reached

  /// One pod.
  ///
  /// @param app the label by which its Deployment knows it
  /// @param placed whether a node was found for it
  /// @param cpu what its node has given it, in thousandths of a core
  /// @param wanted what it is to have
  record Seen(
      String uid,
      String name,
      String app,
      boolean placed,
      boolean ready,
      boolean stopping,
      long cpu,
      long wanted,
      int restarts) {

    static Seen of(Pod pod) {
      var meta = pod.getMetadata();
      var spec = pod.getSpec();
      var statuses = pod.getStatus().getContainerStatuses();
      var first = statuses.isEmpty() ? null : statuses.getFirst();
      long wanted = milli(spec.getContainers().getFirst().getResources().getRequests().get("cpu"));
      return new Seen(
          meta.getUid(),
          meta.getName(),
          meta.getLabels().getOrDefault(Stage.APP, ""),
          spec.getNodeName() != null,
          pod.getStatus().getConditions().stream()
              .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True")),
          meta.getDeletionTimestamp() != null,
          given(first, wanted),
          wanted,
          statuses.stream().mapToInt(ContainerStatus::getRestartCount).sum());
    }

    /// Servers that cannot resize do not tell: there a pod has what it asks for.
    private static long given(@Nullable ContainerStatus status, long wanted) {
      return status == null
              || status.getResources() == null
              || status.getResources().getRequests() == null
          ? wanted
          : milli(status.getResources().getRequests().get("cpu"));
    }

    private static long milli(@Nullable Quantity quantity) {
      return quantity == null
          ? 0
          : quantity.getNumericalAmount().multiply(BigDecimal.valueOf(1000)).longValue();
    }

    boolean serves(long atLeast) {
      return ready && !stopping && cpu >= atLeast;
    }
  }

  /// Begins to look.
  Pods(KubernetesClient client, String namespace) {
    informer = client.pods().inNamespace(namespace).inform(new Eyes());
  }

  private final class Eyes implements ResourceEventHandler<Pod> {
    @Override
    public void onAdd(Pod pod) {
      see(pod);
    }

    @Override
    public void onUpdate(Pod before, Pod pod) {
      see(pod);
    }

    @Override
    public void onDelete(Pod pod, boolean unknown) {
      forget(pod.getMetadata().getUid());
    }
  }

  private synchronized void see(Pod pod) {
    var seen = Seen.of(pod);
    pods.put(seen.uid(), seen);
    int ready = Math.min((int) count(serving), millis.length);
    for (int i = ready - 1; i >= 0 && millis[i] < 0; i--) {
      millis[i] = (System.nanoTime() - begun) / 1e6;
    }
    notifyAll();
  }

  private synchronized void forget(String uid) {
    pods.remove(uid);
    notifyAll();
  }

  /// From now on a rise to so many that serve is measured.
  synchronized void begin(Predicate<Seen> which, int to) {
    serving = which;
    millis = new double[to];
    Arrays.fill(millis, -1);
    Arrays.fill(millis, 0, (int) Math.min(to, count(which)), 0);
    begun = System.nanoTime();
  }

  /// Milliseconds since [#begin].
  synchronized double since(long nanoTime) {
    return (nanoTime - begun) / 1e6;
  }

  /// When so many served, in milliseconds since [#begin]; negative if they never did.
  synchronized double millisUntil(int many) {
    return millis[many - 1];
  }

  /// For how long how many were missing, in replica-seconds.
  synchronized double missing() {
    return Arrays.stream(millis).map(time -> Math.max(0, time)).sum() / 1000;
  }

  synchronized long count(Predicate<Seen> which) {
    return pods.values().stream().filter(which).count();
  }

  /// In the order of their names.
  synchronized List<Seen> all(Predicate<Seen> which) {
    return pods.values().stream()
        .filter(which)
        .sorted((a, b) -> a.name().compareTo(b.name()))
        .toList();
  }

  /// Waits until a condition on the pods holds.
  ///
  /// @return whether it does
  synchronized boolean await(Duration longest, BooleanSupplier condition)
      throws InterruptedException {
    long until = System.nanoTime() + longest.toNanos();
    while (!condition.getAsBoolean()) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(Math.max(1, left / 1_000_000));
    }
    return true;
  }

  @Override
  public synchronized String toString() {
    var counts = new TreeMap<String, Integer>();
    pods.values()
        .forEach(
            pod ->
                counts.merge(
                    pod.app()
                        + (pod.stopping()
                            ? " stopping"
                            : pod.ready() ? " ready with " + pod.cpu() + "m" : " not ready"),
                    1,
                    Integer::sum));
    return counts.toString();
  }

  @Override
  public void close() {
    informer.close();
  }
}
