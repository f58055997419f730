package io.microscale.orchestrators.process;

import static io.microscale.orchestrators.process.TestPool.ready;
import static io.microscale.orchestrators.process.TestPool.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.microscale.core.model.ReplicaState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadinessTest {
  private static final Duration WITHIN = Duration.ofSeconds(10);

  @TempDir private Path folder;

  @Test
  void startedIsReadyAtOnce() {
    try (var pool = new TestPool(folder, shell("exec sleep 100"))) {
      var id = pool.start();
      assertThat(pool.find(id).orElseThrow().state()).isEqualTo(ReplicaState.RUNNING);
    }
  }

  @Test
  void lineMakesReadyAndNothingBefore() throws IOException {
    var go = folder.resolve("go");
    try (var pool =
        new TestPool(
            folder,
            ready(
                "echo READ; until [ -e "
                    + go
                    + " ]; do sleep 0.01; done; echo all READY now; sleep 100"))) {
      var id = pool.start();
      assertThat(pool.find(id).orElseThrow().state()).isEqualTo(ReplicaState.STARTING);
      Files.createFile(go);
      pool.awaitState(id, ReplicaState.RUNNING);
      assertThat(pool.output(id)).isEqualTo("READ\nall READY now\n");
    }
  }

  @Test
  void errorOutputCountsAndSoDoesAPattern() {
    var readiness = new Readiness.OutputLine(Pattern.compile("^port [0-9]+$"), WITHIN);
    var script = "echo port x; echo port 42 >&2; sleep 100";
    try (var pool = new TestPool(folder, shell(script).readiness(readiness))) {
      pool.running();
    }
  }

  @Test
  void eachReplicaHasAPortOfItsOwn() {
    // The test offers the port in the replica's place once it knows it: sh cannot listen.
    var readiness = new Readiness.TcpPort(OptionalInt.empty(), WITHIN);
    var workload = shell("echo ${PORT} $PORT; sleep 100").readiness(readiness);
    try (var pool = new TestPool(folder, workload)) {
      var first = pool.start();
      var second = pool.start();
      int port = pool.process(first).port().orElseThrow();
      assertThat(pool.process(second).port().orElseThrow()).isNotEqualTo(port);
      assertThat(pool.find(first).orElseThrow().state()).isEqualTo(ReplicaState.STARTING);
      try (var _ = new ServerSocket(port, 10, InetAddress.getLoopbackAddress())) {
        pool.awaitState(first, ReplicaState.RUNNING);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      assertThat(pool.output(first)).isEqualTo("%d %d\n".formatted(port, port));
      assertThat(pool.find(second).orElseThrow().state()).isEqualTo(ReplicaState.STARTING);
    }
  }

  @Test
  void notReadyInTimeIsStoppedAndSaysSo() {
    var readiness = Readiness.OutputLine.containing("READY", Duration.ofMillis(100));
    try (var pool = new TestPool(folder, shell("echo hm; sleep 100").readiness(readiness))) {
      var id = pool.start();
      pool.awaitGone(id);
      pool.awaitNotice("not ready within 100 ms; last output: hm");
    }
  }

  @Test
  void notReadyInTimeIsACrash() {
    var readiness = Readiness.OutputLine.containing("READY", Duration.ofMillis(50));
    try (var pool = new TestPool(folder, shell("sleep 100").readiness(readiness))) {
      pool.awaitGone(pool.start());
      pool.awaitGone(pool.start());
      assertThat(pool.orchestrator().observe().backoffs().get(TestPool.SERVICE).reason())
          .contains("not ready within 50 ms");
    }
  }

  @Test
  void pausedReplicaIsNotLate() {
    var readiness = Readiness.OutputLine.containing("READY", Duration.ofMillis(300));
    var script = "sleep 0.1; echo READY; sleep 100";
    try (var pool = new TestPool(folder, shell(script).readiness(readiness))) {
      var id = pool.start();
      pool.pause(id);
      await()
          .during(Duration.ofMillis(500))
          .until(() -> pool.find(id).orElseThrow().state() == ReplicaState.PAUSED);
      pool.resume(id);
      pool.awaitState(id, ReplicaState.RUNNING);
    }
  }

  @Test
  void nonsenseIsRefusedWithItsValue() {
    assertThatThrownBy(() -> new Readiness.TcpPort(OptionalInt.of(0), WITHIN))
        .hasMessage("readiness.port: need 1 to 65535, got 0");
    assertThatThrownBy(() -> Readiness.OutputLine.containing("x", Duration.ZERO))
        .hasMessage("readiness.within: need more than 0s and at most 1h, got PT0S");
    assertThatThrownBy(() -> Readiness.OutputLine.containing("", WITHIN))
        .hasMessage("readiness.line: need some text, got ''");
  }
}
