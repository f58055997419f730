package io.microscale.orchestrators.kubernetes.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.microscale.orchestrators.kubernetes.Fence;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A leader whose process is paused for longer than its Lease holds, and wakes up in the middle of
/// a write: not one write is accepted after the next leader's stamp.
class FencingIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static @Nullable ElectionServer server;
  private String namespace;
  private Account account;
  private Scaled workload;
  private @Nullable Writer writer;

  @BeforeAll
  static void start() {
    server = ElectionServer.start("fencing");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void prepare() {
    namespace = server.namespace();
    account = server.account(namespace);
    workload = new Scaled(account.client(), namespace, "pool");
  }

  @AfterEach
  void end() {
    if (writer != null) {
      writer.close();
    }
    workload.client().close();
  }

  @Test
  void aPauseBetweenCheckAndWriteIsFencedByTheStamp() {
    writer = Writer.start(account, namespace, "stops");
    writer.awaitLine("stopping");
    takeOverWhileItIsPaused(() -> writer.awaitLine("refused 409 "));
  }

  @Test
  void aPauseAtAnyMomentIsFencedByTheStamp() {
    writer = Writer.start(account, namespace);
    pauseAtAnyMoment();
  }

  @Test
  void aPauseBeforeAWriteWithoutVersionIsFencedByThePolicy() {
    server.addPolicy(namespace, workload);
    writer = Writer.start(account, namespace, "stops", "blind");
    writer.awaitLine("stopping");
    takeOverWhileItIsPaused(
        () -> assertThat(Fence.refused(writer.awaitLine("refused 403 "))).isTrue());
  }

  @Test
  void aPauseAtAnyMomentIsFencedByThePolicy() {
    server.addPolicy(namespace, workload);
    writer = Writer.start(account, namespace, "blind");
    pauseAtAnyMoment();
  }

  private void pauseAtAnyMoment() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    var random = new Random(seed);
    for (int round = 0; round < 3; round++) {
      writer.awaitLine("written");
      // Whatever it is doing just then.
      LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(50)));
      writer.signal("STOP");
      takeOverWhileItIsPaused(() -> writer.awaitLine("refused not the leader: engine"));
    }
  }

  private void takeOverWhileItIsPaused(Runnable noticed) {
    writer.awaitPaused();
    writer.forget();
    try (var engine = new Engine(account, Elections.quick(namespace, "pool", "engine"))) {
      await().atMost(PATIENCE).until(engine::leads);
      // The policy may hear of a new leader a little later than the leader itself.
      await().atMost(PATIENCE).until(() -> isTaken(() -> workload.stamp(engine.leadership())));
      long generation = workload.generation();

      writer.signal("CONT");
      noticed.run();
      writer.awaitLine("tried");
      assertThat(workload.generation()).isEqualTo(generation);

      workload.scale(17, Optional.of(workload.version()), engine.leadership().fieldManager());
      writer.awaitLine("tried");
      assertThat(workload.generation()).isEqualTo(generation + 1);
      engine.leadership().check();
    }
  }

  @Test
  void thePolicyLetsNobodyWriteWhereNobodyLeads() {
    server.addPolicy(namespace, workload);

    try (var engine = new Engine(account, Elections.quick(namespace, "pool", "engine"))) {
      await().atMost(PATIENCE).until(engine::leads);
      var name = engine.leadership().fieldManager();
      await().atMost(PATIENCE).until(() -> scales(3, name));
      assertThat(scales(4, "microscale-other")).isFalse();
      engine.end();
      await().atMost(PATIENCE).until(() -> !scales(5, name));
    }
  }

  private boolean scales(int replicas, String fieldManager) {
    return isTaken(() -> workload.scale(replicas, Optional.empty(), fieldManager));
  }

  /// Whether the policy let a write pass.
  private static boolean isTaken(Runnable write) {
    try {
      write.run();
      return true;
    } catch (KubernetesClientException e) {
      assertThat(Fence.refused(String.valueOf(e.getMessage()))).as(e.getMessage()).isTrue();
      return false;
    }
  }
}
