package io.microscale.app.custom;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.app.config.ResourceConfiguration.Place;
import io.microscale.core.model.ServiceSpec;
import io.microscale.orchestrators.kubernetes.custom.CustomResource;
import io.microscale.orchestrators.kubernetes.custom.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Read by the rules of the file. There is no cluster to ask, which is no more than doubtful in a
/// pool that counts in slots.
class ReconcilerTest {
  private static final String WEB =
      """
      {"poolRef": {"name": "kittens"}, "workloadRef": {"name": "web"}, "priority": 100, "max": %d,
       "demand": {"push": {}}, "scaling": {"targetPerReplica": 50}, "takeOver": true}
      """;
  private static final CustomResource POOL =
      new CustomResource(
          CustomResource.Kind.POOL,
          "shop",
          "kittens",
          "pool",
          1,
          "2026-01-01T00:00:00Z",
          """
          {"capacity": {"slots": 12}, "resync": "10s"}
          """,
          Optional.empty(),
          Optional.empty(),
          List.of());

  private final Reconciler reconciler;

  ReconcilerTest(@TempDir Path folder) {
    reconciler =
        new Reconciler(
            new Place("shop", Optional.of(folder.resolve("no-kubeconfig")), Optional.empty()));
  }

  private static CustomResource service(
      String name, String workload, long generation, String created, String spec) {
    return new CustomResource(
        CustomResource.Kind.SERVICE,
        "shop",
        name,
        "uid of " + name,
        generation,
        created,
        spec,
        Optional.of("kittens"),
        Optional.of(new CustomResource.Workload("apps/v1", "Deployment", workload)),
        List.of());
  }

  private static CustomResource web(long generation, int max) {
    return service("web", "web", generation, "2026-01-01T00:00:00Z", WEB.formatted(max));
  }

  private static String batchSpec(int priority) {
    return """
    {"workloadRef": {"name": "batch"}, "remainder": true, "priority": %d}
    """
        .formatted(priority);
  }

  private static CustomResource batch(int priority) {
    return service("batch", "batch", 1, "2026-01-01T00:00:00Z", batchSpec(priority));
  }

  private Reconciliation reconcile(CustomResource... services) {
    return reconciler.reconcile(Optional.of(POOL), List.of(services));
  }

  private static ServiceSpec spec(Reconciliation found, String name) {
    return found.configuration().orElseThrow().pool().services().stream()
        .filter(service -> service.id().value().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Verdict verdict(Reconciliation found, String name) {
    return found.verdicts().stream()
        .filter(verdict -> verdict.resource().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void resourcesAreReadAsAFileIs() {
    var found = reconcile(web(1, 8), batch(-5));
    assertThat(found.verdicts()).allMatch(Verdict::accepted);
    assertThat(found.configuration().orElseThrow().pool().name()).isEqualTo("kittens");
    assertThat(spec(found, "web").max()).isEqualTo(8);
    assertThat(spec(found, "web").priority()).isEqualTo(100);
    assertThat(spec(found, "batch").remainder()).isTrue();
  }

  @Test
  void aServiceThatIsWrongIsLeftOutAndSaysWhy() {
    var found = reconcile(web(1, 8), batch(200));
    assertThat(found.configuration().orElseThrow().pool().services()).hasSize(1);
    assertThat(verdict(found, "web").accepted()).isTrue();
    assertThat(verdict(found, "batch"))
        .isEqualTo(
            new Verdict(
                batch(200),
                false,
                "Invalid",
                "spec.priority: a remainder service needs a priority below every service with a"
                    + " demand (lowest: 100), got 200; it is left out"));
  }

  @Test
  void whatWasAcceptedLastStaysInForce() {
    var first = reconcile(web(1, 8), batch(-5));
    var second = reconcile(web(2, -1), batch(-5));
    assertThat(spec(second, "web").max()).isEqualTo(8);
    assertThat(second.inForce()).isEqualTo(first.inForce());
    assertThat(verdict(second, "web").message())
        .isEqualTo("spec.max: need 0 <= min <= max, got min=0 max=-1; generation 1 stays in force");
    assertThat(second.isRefusing()).isTrue();

    var third = reconcile(web(3, 9), batch(-5));
    assertThat(spec(third, "web").max()).isEqualTo(9);
    assertThat(third.isRefusing()).isFalse();
    assertThat(third.inForce()).isNotEqualTo(first.inForce());
  }

  @Test
  void aWorkloadIsOneServiceTheOlder() {
    var later = service("late", "web", 1, "2026-01-02T00:00:00Z", WEB.formatted(3));
    var found = reconcile(later, web(1, 8));
    assertThat(spec(found, "web").max()).isEqualTo(8);
    assertThat(verdict(found, "late").reason()).isEqualTo("WorkloadTaken");
    assertThat(verdict(found, "late").message())
        .isEqualTo("spec.workloadRef: need one of its own, got that of web, which is older");
  }

  @Test
  void withoutAPoolNothingIsRun() {
    var found = reconciler.reconcile(Optional.empty(), List.of(web(1, 8)));
    assertThat(found.configuration()).isEmpty();
    assertThat(verdict(found, "web").reason()).isEqualTo("PoolNotFound");
  }

  @Test
  void withoutServicesNothingIsRunAndThePoolIsAccepted() {
    var found = reconcile();
    assertThat(found.configuration()).isEmpty();
    assertThat(found.reason()).isEqualTo("the pool has no services");
    assertThat(verdict(found, "kittens").accepted()).isTrue();
  }

  @Test
  void aPoolThatIsWrongStopsAllUnlessOneWasAccepted() {
    var wrong =
        new CustomResource(
            CustomResource.Kind.POOL,
            "shop",
            "kittens",
            "pool",
            2,
            POOL.created(),
            """
            {"capacity": {"slots": 0}}
            """,
            Optional.empty(),
            Optional.empty(),
            List.of());
    var none = reconciler.reconcile(Optional.of(wrong), List.of(web(1, 8)));
    assertThat(none.configuration()).isEmpty();
    assertThat(verdict(none, "kittens").message())
        .isEqualTo("spec.capacity.slots: need >= 1, got 0; nothing is run");
    assertThat(verdict(none, "web").reason()).isEqualTo("PoolNotAccepted");

    reconcile(web(1, 8));
    var before = reconciler.reconcile(Optional.of(wrong), List.of(web(1, 8)));
    assertThat(before.configuration()).isPresent();
    assertThat(verdict(before, "kittens").message()).endsWith("; generation 1 stays in force");
  }
}
