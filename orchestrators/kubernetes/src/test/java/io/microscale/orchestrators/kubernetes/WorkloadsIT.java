package io.microscale.orchestrators.kubernetes;

import static io.microscale.orchestrators.kubernetes.TestCluster.patiently;
import static io.microscale.orchestrators.kubernetes.TestCluster.template;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.kubernetes.room.PoolRoom;
import io.microscale.testkit.engines.KubernetesCluster;
import io.microscale.testkit.engines.KubernetesCluster.Setup;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Kinds of workloads, others that change them, and what the server refuses, on a real cluster.
class WorkloadsIT {
  private static final ServiceId WEB = new ServiceId("web");
  private static final Resources EACH = Resources.cpuAndMemory(100, 16 << 20);

  private static KubernetesCluster own;
  private static TestCluster cluster;

  private final List<String> notices = new CopyOnWriteArrayList<>();
  private final List<KubernetesOrchestrator> opened = new ArrayList<>();

  @BeforeAll
  static void start() {
    var whyNot = KubernetesCluster.whyNot();
    assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
    own = KubernetesCluster.start("kube-workloads", Setup.nodes(1).cpu(1200));
    cluster = new TestCluster(own, "workloads");
  }

  @AfterAll
  static void end() {
    if (cluster != null) {
      cluster.close();
      own.close();
    }
  }

  @AfterEach
  void clear() {
    opened.forEach(KubernetesOrchestrator::close);
    cluster.clear();
  }

  private KubernetesOrchestrator open(KubernetesWorkload workload) {
    var settings = KubernetesSettings.of("workloads", cluster.access()).notices(notices::add);
    var orchestrator =
        KubernetesOrchestrator.open(
            settings, Map.of(WEB, workload), Fence.NONE, InstantSource.system());
    opened.add(orchestrator);
    return orchestrator;
  }

  private KubernetesOrchestrator open(WorkloadRef ref) {
    return open(KubernetesWorkload.of(ref, EACH));
  }

  private static WorkloadRef web() {
    return WorkloadRef.deployment(cluster.namespace(), "web");
  }

  private static void scale(KubernetesOrchestrator orchestrator, int replicas, String... victims) {
    var ids = List.of(victims).stream().map(ReplicaId::new).toList();
    orchestrator.perform(new Action.Scale(WEB, replicas, ids));
  }

  private static void awaitRunning(KubernetesOrchestrator orchestrator, int replicas) {
    patiently()
        .untilAsserted(
            () -> {
              var web = orchestrator.observe().of(WEB);
              assertThat(web.running()).isEqualTo(replicas);
              assertThat(web.replicas()).hasSize(replicas);
            });
  }

  private static SortedSet<String> names(KubernetesOrchestrator orchestrator) {
    return orchestrator.observe().of(WEB).replicas().stream()
        .map(replica -> replica.id().value())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static int desired(KubernetesOrchestrator orchestrator) {
    return orchestrator.observe().standings().desired().getOrDefault(WEB, -1);
  }

  private static Replica only(KubernetesOrchestrator orchestrator) {
    var all = orchestrator.observe().of(WEB).replicas();
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  private static String whyStuck(KubernetesOrchestrator orchestrator) {
    var backoff = orchestrator.observe().backoffs().get(WEB);
    return backoff == null ? "" : backoff.reason();
  }

  private static OrchestratorException refused(Kind kind, ThrowingCallable call) {
    var e = catchThrowableOfType(OrchestratorException.class, call);
    assertThat(e).as("an OrchestratorException").isNotNull();
    assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
    return e;
  }

  // Victims.

  @Test
  void onlyTheVictimsGoAndCountAsStoppingAtOnce() {
    cluster.deploy("web", 6, template("web", "50m", "16Mi"));
    var orchestrator = open(KubernetesWorkload.of(web(), Resources.cpuAndMemory(50, 16 << 20)));
    awaitRunning(orchestrator, 6);
    var all = List.copyOf(names(orchestrator));
    var kept = new TreeSet<>(List.of(all.get(0), all.get(2), all.get(5)));

    scale(orchestrator, 3, all.get(1), all.get(3), all.get(4));
    assertThat(orchestrator.observe().of(WEB).replicas())
        .filteredOn(replica -> replica.state() == ReplicaState.STOPPING)
        .hasSize(3);
    awaitRunning(orchestrator, 3);
    assertThat(names(orchestrator)).isEqualTo(kept);
  }

  @Test
  void whoIsSparedIsNoVictimLater() {
    cluster.deploy("web", 3, template("web", "50m", "16Mi"));
    patiently().until(() -> cluster.ready("web") == 3);
    var first = cluster.pods("web").getFirst().getMetadata().getName();
    cluster.annotate(first, PodView.DELETION_COST, Integer.toString(DeletionCosts.of(0)));
    var orchestrator = open(KubernetesWorkload.of(web(), Resources.cpuAndMemory(50, 16 << 20)));
    awaitRunning(orchestrator, 3);
    var others = names(orchestrator);
    others.remove(first);

    scale(orchestrator, 2, others.first());
    awaitRunning(orchestrator, 2);
    assertThat(names(orchestrator)).containsExactlyInAnyOrder(first, others.last());
  }

  // Kinds.

  @Test
  void statefulSetLosesTheHighestNumbersWhateverIsNamed() {
    var labels = Map.of("app", "web");
    cluster
        .admin()
        .resource(
            new StatefulSetBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace(cluster.namespace())
                .endMetadata()
                .withNewSpec()
                .withServiceName("web")
                .withPodManagementPolicy("Parallel")
                .withReplicas(0)
                .withNewSelector()
                .withMatchLabels(labels)
                .endSelector()
                .withTemplate(template("web", "100m", "16Mi"))
                .endSpec()
                .build())
        .create();
    var orchestrator = open(WorkloadRef.statefulSet(cluster.namespace(), "web"));
    scale(orchestrator, 3);
    awaitRunning(orchestrator, 3);
    scale(orchestrator, 2, "web-0");
    assertThat(orchestrator.observe().of(WEB).replicas())
        .filteredOn(replica -> replica.state() == ReplicaState.STOPPING)
        .extracting(replica -> replica.id().value())
        .containsExactly("web-2");
    awaitRunning(orchestrator, 2);
    assertThat(names(orchestrator)).containsExactly("web-0", "web-1");
    assertThat(notices).anyMatch(line -> line.contains("StatefulSet chooses itself"));
  }

  @Test
  void jobIsSuspendedAndGoesOn() {
    cluster
        .admin()
        .resource(
            new JobBuilder()
                .withNewMetadata()
                .withName("work")
                .withNamespace(cluster.namespace())
                .endMetadata()
                .withNewSpec()
                .withSuspend(true)
                .withParallelism(1)
                .withTemplate(once(template("work", "100m", "16Mi")))
                .endSpec()
                .build())
        .create();
    var orchestrator = open(WorkloadRef.job(cluster.namespace(), "work"));
    assertThat(orchestrator.observe().standings().desired()).containsEntry(WEB, 0);
    scale(orchestrator, 2);
    awaitRunning(orchestrator, 2);
    scale(orchestrator, 0);
    awaitRunning(orchestrator, 0);
    assertThat(orchestrator.observe().standings().desired()).containsEntry(WEB, 0);
    scale(orchestrator, 1);
    awaitRunning(orchestrator, 1);
  }

  private static PodTemplateSpec once(PodTemplateSpec template) {
    return new PodTemplateSpecBuilder(template)
        .editSpec()
        .withRestartPolicy("Never")
        .endSpec()
        .build();
  }

  @Test
  void podsOfAnEarlierRolloutCount() {
    cluster.deploy("web", 2, template("web", "100m", "16Mi"));
    var orchestrator = open(web());
    awaitRunning(orchestrator, 2);
    var before = names(orchestrator);
    cluster.edit(
        "web", deployment -> deployment.getSpec().setTemplate(template("web", "90m", "16Mi")));
    patiently().until(() -> names(orchestrator).size() > 2 || !names(orchestrator).equals(before));
    awaitRunning(orchestrator, 2);
    assertThat(names(orchestrator)).doesNotContainAnyElementsOf(before);
    assertThat(orchestrator.observe().of(WEB).replicas())
        .allMatch(replica -> replica.resources().get(Resources.CPU) == 90);
  }

  @Test
  void customResourceWithAScaleSubresourceIsScaled() {
    apply(
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: farms.example.org}
        spec:
          group: example.org
          scope: Namespaced
          names: {kind: Farm, plural: farms}
          versions:
          - name: v1
            served: true
            storage: true
            subresources:
              status: {}
              scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
            schema:
              openAPIV3Schema:
                type: object
                x-kubernetes-preserve-unknown-fields: true
                properties:
                  spec:
                    type: object
                    x-kubernetes-preserve-unknown-fields: true
                    properties: {replicas: {type: integer}}
                  status:
                    type: object
                    properties: {replicas: {type: integer}}
        """);
    patiently().until(() -> cluster.admin().hasApiGroup("example.org", true));
    patiently()
        .ignoreExceptions()
        .until(
            () -> {
              apply(
                  """
                  apiVersion: example.org/v1
                  kind: Farm
                  metadata: {name: farm, namespace: workloads}
                  spec: {replicas: 1}
                  """);
              return true;
            });
    var ref = WorkloadRef.named("example.org/v1", "Farm", cluster.namespace(), "farm");
    var orchestrator = open(ref);
    assertThat(orchestrator.observe().standings().desired()).containsEntry(WEB, 1);
    scale(orchestrator, 4);
    patiently()
        .untilAsserted(
            () -> assertThat(orchestrator.observe().standings().desired()).containsEntry(WEB, 4));
    // What its controller would make: a Deployment, whose pods are the workload's.
    var farm =
        cluster
            .admin()
            .genericKubernetesResources("example.org/v1", "Farm")
            .inNamespace(cluster.namespace())
            .withName("farm")
            .get();
    assertThat(farm.<Integer>get("spec", "replicas")).isEqualTo(4);
    cluster.deploy("made", 0, template("made", "100m", "16Mi"));
    cluster.edit(
        "made",
        deployment -> {
          deployment.addOwnerReference(farm).setController(true);
          deployment.getSpec().setReplicas(2);
        });
    awaitRunning(orchestrator, 2);
    cluster
        .admin()
        .genericKubernetesResources("example.org/v1", "Farm")
        .inNamespace(cluster.namespace())
        .delete();
  }

  private static void apply(String yaml) {
    cluster
        .admin()
        .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
        .serverSideApply();
  }

  @Test
  void selectorHasToMatchExactlyOne() {
    var ref =
        WorkloadRef.selected("apps/v1", "Deployment", cluster.namespace(), "app in (web, other)");
    assertThat(refused(Kind.REJECTED, () -> open(ref))).hasMessageContaining("matches none");
    cluster.deploy("web", 1, template("web", "100m", "16Mi"));
    awaitRunning(open(ref), 1);
    cluster.deploy("other", 0, template("other", "100m", "16Mi"));
    assertThat(refused(Kind.REJECTED, () -> open(ref)))
        .hasMessageContaining("services.web.workload")
        .hasMessageContaining("matches other, web");
  }

  @Test
  void kindThatCannotBeScaledIsRefused() {
    var pod = WorkloadRef.named("v1", "ConfigMap", cluster.namespace(), "web");
    assertThat(refused(Kind.REJECTED, () -> open(pod))).hasMessageContaining("scale subresource");
    var nothing = WorkloadRef.named("example.org/v9", "Nothing", cluster.namespace(), "web");
    assertThat(refused(Kind.REJECTED, () -> open(nothing))).hasMessageContaining("example.org/v9");
  }

  @Test
  void workloadThatComesLaterIsTakenUp() {
    var orchestrator = open(web());
    assertThat(notices).anyMatch(line -> line.contains("there is no Deployment workloads/web yet"));
    refused(Kind.REJECTED, () -> scale(orchestrator, 1));
    cluster.deploy("web", 1, template("web", "100m", "16Mi"));
    awaitRunning(orchestrator, 1);
    cluster.clear();
    awaitRunning(orchestrator, 0);
    assertThat(orchestrator.observe().standings().desired()).doesNotContainKey(WEB);
  }

  // Others that scale.

  @Test
  void autoscalerIsNotFought() {
    cluster.deploy("web", 1, template("web", "100m", "16Mi"));
    var autoscalers =
        cluster
            .admin()
            .autoscaling()
            .v2()
            .horizontalPodAutoscalers()
            .inNamespace(cluster.namespace());
    autoscalers
        .resource(
            new HorizontalPodAutoscalerBuilder()
                .withNewMetadata()
                .withName("scaler")
                .endMetadata()
                .withNewSpec()
                .withMinReplicas(1)
                .withMaxReplicas(5)
                .withNewScaleTargetRef("apps/v1", "Deployment", "web")
                .endSpec()
                .build())
        .create();
    try {
      var orchestrator = open(web());
      awaitRunning(orchestrator, 1);
      assertThat(refused(Kind.REJECTED, () -> scale(orchestrator, 2)))
          .hasMessageContaining("HorizontalPodAutoscaler scaler");
      assertThat(notices).anyMatch(line -> line.contains("is left alone"));

      var taken = open(new KubernetesWorkload(web(), EACH, true));
      assertThat(notices).anyMatch(line -> line.contains("has to be switched off"));
      scale(taken, 2);
      awaitRunning(taken, 2);

      autoscalers.withName("scaler").delete();
      patiently()
          .ignoreExceptionsInstanceOf(OrchestratorException.class)
          .until(
              () -> {
                scale(orchestrator, 1);
                return true;
              });
      awaitRunning(orchestrator, 1);
    } finally {
      autoscalers.withName("scaler").delete();
    }
  }

  @Test
  void replicaSetOfADeploymentIsNotFought() {
    cluster.deploy("web", 1, template("web", "100m", "16Mi"));
    var ref = WorkloadRef.selected("apps/v1", "ReplicaSet", cluster.namespace(), "app=web");
    patiently().until(() -> cluster.ready("web") == 1);
    var orchestrator = open(ref);
    awaitRunning(orchestrator, 1);
    assertThat(refused(Kind.REJECTED, () -> scale(orchestrator, 2)))
        .hasMessageContaining("Deployment web");
  }

  /// Whoever sets the number between what was seen and what is written keeps it.
  @Test
  void whatAPersonSetsMeanwhileIsNotOverwritten() {
    cluster.deploy("web", 1, template("web", "50m", "16Mi"));
    var api = new Api(cluster.access().config());
    try {
      var bound = Bound.find(api, KubernetesWorkload.of(web(), EACH));
      var settings = KubernetesSettings.of("workloads", cluster.access());
      var sizes = new Sizes(List.of(EACH), 10);
      var workloads = Map.of(WEB, bound.workload());
      var seen = new Cluster(workloads, sizes, PoolRoom.ofSlots("workloads", 9));
      var actions =
          new Actions(api, seen, new Rivals(), Fence.NONE, settings, sizes, Map.of(WEB, bound));
      seen.putWorkload(WEB, WorkloadView.of(api, bound.resource(), api.get(bound.path()).body()));

      cluster
          .admin()
          .apps()
          .deployments()
          .inNamespace(cluster.namespace())
          .withName("web")
          .scale(3);
      var e = refused(Kind.UNAVAILABLE, () -> actions.scale(WEB, 2, List.of()));
      assertThat(e).hasMessageContaining("to 3 replicas meanwhile").hasMessageContaining("fabric8");
      assertThat(seen.workload(WEB).orElseThrow().replicas()).isEqualTo(3);

      // Seen, it may be changed; and what else changes of the object does not stand in the way.
      seen.putWorkload(WEB, WorkloadView.of(api, bound.resource(), api.get(bound.path()).body()));
      cluster.edit(
          "web",
          deployment -> deployment.getMetadata().setAnnotations(Map.of("seen", "by nobody")));
      actions.scale(WEB, 2, List.of());
      patiently().until(() -> cluster.ready("web") == 2);
    } finally {
      api.close();
    }
  }

  // Resizing.

  @Test
  void guaranteedPodStaysGuaranteed() {
    cluster.deploy("web", 1, limited(template("web", "100m", "16Mi"), "100m", "16Mi"));
    var orchestrator = open(web());
    awaitRunning(orchestrator, 1);
    var replica = only(orchestrator);
    orchestrator.perform(new Action.Pause(WEB, replica.id()));
    patiently().until(() -> only(orchestrator).state() == ReplicaState.PAUSED);
    var pod = cluster.pods("web").getFirst();
    assertThat(pod.getStatus().getQosClass()).isEqualTo("Guaranteed");
    orchestrator.perform(new Action.Resume(WEB, replica.id()));
    patiently().until(() -> only(orchestrator).equals(replica));
    assertThat(cluster.restarts("web")).isZero();
  }

  @Test
  void limitFollowsAThrottleButNotAPause() {
    cluster.deploy("web", 1, limited(template("web", "100m", "16Mi"), "200m", "32Mi"));
    var orchestrator = open(web());
    awaitRunning(orchestrator, 1);
    var replica = only(orchestrator);
    var half = Resources.cpuAndMemory(50, 16 << 20);
    orchestrator.perform(new Action.Resize(WEB, replica.id(), half));
    patiently().until(() -> only(orchestrator).resources().equals(half));
    assertThat(cpuLimit()).isEqualTo(new Quantity("100m"));
    orchestrator.perform(new Action.Resize(WEB, replica.id(), EACH));
    patiently().until(() -> only(orchestrator).resources().equals(EACH));
    assertThat(cpuLimit()).isEqualTo(new Quantity("200m"));
    orchestrator.perform(new Action.Pause(WEB, replica.id()));
    patiently().until(() -> only(orchestrator).state() == ReplicaState.PAUSED);
    assertThat(cpuLimit()).isEqualTo(new Quantity("200m"));
    assertThat(cluster.restarts("web")).isZero();
  }

  private static Quantity cpuLimit() {
    return cluster
        .pods("web")
        .getFirst()
        .getSpec()
        .getContainers()
        .getFirst()
        .getResources()
        .getLimits()
        .get("cpu");
  }

  private static PodTemplateSpec limited(PodTemplateSpec template, String cpu, String memory) {
    return new PodTemplateSpecBuilder(template)
        .editSpec()
        .editFirstContainer()
        .editResources()
        .addToLimits("cpu", new Quantity(cpu))
        .addToLimits("memory", new Quantity(memory))
        .endResources()
        .endContainer()
        .endSpec()
        .build();
  }

  @Test
  void theLargerOfTwoContainersIsResized() {
    var two =
        new PodTemplateSpecBuilder(template("web", "80m", "16Mi"))
            .editSpec()
            .addNewContainer()
            .withName("aside")
            .withImage(KubernetesCluster.IMAGE)
            .withImagePullPolicy("Never")
            .withCommand("/bin/sleep", "1000000")
            .withNewResources()
            .addToRequests("cpu", new Quantity("20m"))
            .addToRequests("memory", new Quantity("4Mi"))
            .endResources()
            .endContainer()
            .endSpec()
            .build();
    cluster.deploy("web", 1, two);
    var both = Resources.cpuAndMemory(100, 20 << 20);
    var orchestrator = open(KubernetesWorkload.of(web(), both));
    awaitRunning(orchestrator, 1);
    var replica = only(orchestrator);
    assertThat(replica.resources()).isEqualTo(both);
    orchestrator.perform(new Action.Pause(WEB, replica.id()));
    patiently().until(() -> only(orchestrator).state() == ReplicaState.PAUSED);
    assertThat(only(orchestrator).holds()).isEqualTo(Resources.cpuAndMemory(30, 20 << 20));
    orchestrator.perform(new Action.Resume(WEB, replica.id()));
    patiently().until(() -> only(orchestrator).equals(replica));
    assertThat(cluster.restarts("web")).isZero();
  }

  @Test
  void resizeBeyondTheNodeIsRefusedWithTheServersWords() {
    cluster.deploy("web", 1, template("web", "100m", "16Mi"));
    var orchestrator = open(web());
    awaitRunning(orchestrator, 1);
    var replica = only(orchestrator);
    var far = new Action.Resize(WEB, replica.id(), Resources.cpuAndMemory(900_000, 16 << 20));
    assertThat(refused(Kind.REJECTED, () -> orchestrator.perform(far)))
        .hasMessageContaining(replica.id().value())
        .hasMessageContaining("cpu");
    patiently().until(() -> only(orchestrator).equals(replica));
    assertThat(cluster.restarts("web")).isZero();
  }

  @Test
  void resizeThatHasToWaitIsCarriedOutOnceThereIsRoom() {
    var snapshot = open(web()).observe();
    long free = snapshot.free(0).get(Resources.CPU);
    cluster.deploy("filler", 1, template("filler", (free - 100) + "m", "16Mi"));
    cluster.deploy("web", 1, template("web", "100m", "16Mi"));
    var orchestrator = open(web());
    awaitRunning(orchestrator, 1);
    patiently().until(() -> cluster.ready("filler") == 1);
    var replica = only(orchestrator);
    var more = Resources.cpuAndMemory(200, 16 << 20);
    orchestrator.perform(new Action.Resize(WEB, replica.id(), more));
    patiently().until(() -> cluster.conditions("web").contains("PodResizePending"));
    orchestrator.perform(new Action.Resize(WEB, replica.id(), more));
    cluster
        .admin()
        .apps()
        .deployments()
        .inNamespace(cluster.namespace())
        .withName("filler")
        .scale(0);
    patiently().until(() -> cluster.actualCpu("web").equals(new Quantity("200m")));
    assertThat(only(orchestrator).resources()).isEqualTo(more);
    assertThat(cluster.restarts("web")).isZero();
  }

  // Refusals of the server.

  @Test
  void exceededQuotaIsABackOffWithItsReason() {
    var quotas = cluster.admin().resourceQuotas().inNamespace(cluster.namespace());
    quotas
        .resource(
            new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("two")
                .endMetadata()
                .withNewSpec()
                .addToHard("requests.cpu", new Quantity("200m"))
                .endSpec()
                .build())
        .create();
    try {
      cluster.deploy("web", 0, template("web", "100m", "16Mi"));
      var orchestrator = open(web());
      scale(orchestrator, 3);
      patiently()
          .untilAsserted(() -> assertThat(whyStuck(orchestrator)).contains("exceeded quota: two"));
      scale(orchestrator, 2);
      awaitRunning(orchestrator, 2);
      patiently().until(() -> orchestrator.observe().backoffs().isEmpty());
    } finally {
      quotas.withName("two").delete();
    }
  }

  @Test
  void missingImageIsABackOffWithItsReason() {
    var broken =
        new PodTemplateSpecBuilder(template("web", "100m", "16Mi"))
            .editSpec()
            .editFirstContainer()
            .withImage("localhost/missing:1")
            .endContainer()
            .endSpec()
            .build();
    cluster.deploy("web", 1, broken);
    var orchestrator = open(web());
    patiently()
        .untilAsserted(() -> assertThat(whyStuck(orchestrator)).contains("ErrImageNeverPull"));
    assertThat(only(orchestrator).state()).isEqualTo(ReplicaState.STARTING);
  }

  @Test
  void policyThatDeniesIsRefusedWithItsWords() {
    cluster.deploy("web", 1, template("web", "100m", "16Mi"));
    apply(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: no-scale}
        spec:
          matchConstraints:
            resourceRules:
            - {apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments/scale]}
          validations:
          - {expression: "false", message: not on Wednesdays}
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: no-scale}
        spec: {policyName: no-scale, validationActions: [Deny]}
        """);
    try {
      var orchestrator = open(web());
      var told = new AtomicReference<OrchestratorException>();
      patiently()
          .until(
              () -> {
                try {
                  scale(orchestrator, desired(orchestrator) == 1 ? 2 : 1);
                  return false;
                } catch (OrchestratorException e) {
                  told.set(e);
                  return true;
                }
              });
      assertThat(told.get().kind()).isEqualTo(Kind.REJECTED);
      assertThat(told.get()).hasMessageContaining("not on Wednesdays");
    } finally {
      var registrations = cluster.admin().admissionRegistration().v1();
      registrations.validatingAdmissionPolicyBindings().withName("no-scale").delete();
      registrations.validatingAdmissionPolicies().withName("no-scale").delete();
    }
  }

  // Looking only.

  @Test
  void dryRunChangesNothing() {
    cluster.deploy("web", 1, template("web", "100m", "16Mi"));
    var settings = KubernetesSettings.of("workloads", cluster.access()).onlyLooks(true);
    try (var orchestrator =
        KubernetesOrchestrator.open(
            settings,
            Map.of(WEB, KubernetesWorkload.of(web(), EACH)),
            Fence.NONE,
            InstantSource.system())) {
      awaitRunning(orchestrator, 1);
      refused(Kind.REJECTED, () -> scale(orchestrator, 0));
    }
    assertThat(cluster.ready("web")).isEqualTo(1);
  }

  @Test
  void slotsAreCountedWhereverPodsAre() {
    cluster.deploy("web", 2, template("web", "100m", "16Mi"));
    var settings =
        KubernetesSettings.of("workloads", cluster.access()).capacity(new Capacity.Slots(8));
    try (var orchestrator =
        KubernetesOrchestrator.open(
            settings,
            Map.of(WEB, KubernetesWorkload.of(web(), Resources.slots(2))),
            Fence.NONE,
            InstantSource.system())) {
      awaitRunning(orchestrator, 2);
      var snapshot = orchestrator.observe();
      assertThat(snapshot.free(0)).isEqualTo(Resources.slots(4));
      var first = snapshot.replicas().getFirst().id();
      orchestrator.perform(new Action.Pause(WEB, first));
      patiently().until(() -> orchestrator.observe().of(WEB).paused() == 1);
      assertThat(orchestrator.observe().free(0)).isEqualTo(Resources.slots(6));
      orchestrator.perform(new Action.Resume(WEB, first));
      awaitRunning(orchestrator, 2);
    }
  }

  @Test
  void workloadTellsItsRequestsAndAnnotations() {
    cluster.deploy("web", 0, template("web", "150m", "16Mi"));
    cluster.edit(
        "web",
        deployment ->
            deployment.getMetadata().setAnnotations(Map.of("microscale.io/priority", "7")));
    try (var reader = WorkloadReader.open(cluster.access())) {
      var described = reader.describe(web());
      assertThat(described.name()).isEqualTo("web");
      assertThat(described.requests())
          .isEqualTo(Resources.cpuAndMemory(150, 16 << 20).plus(Resources.of(Map.of("pods", 1L))));
      assertThat(described.annotations()).containsEntry("microscale.io/priority", "7");
      refused(
          Kind.UNKNOWN,
          () -> reader.describe(WorkloadRef.deployment(cluster.namespace(), "nobody")));
    }
  }
}
