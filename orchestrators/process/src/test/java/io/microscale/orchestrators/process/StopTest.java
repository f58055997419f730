package io.microscale.orchestrators.process;

import static io.microscale.orchestrators.process.TestPool.awaitDead;
import static io.microscale.orchestrators.process.TestPool.kill;
import static io.microscale.orchestrators.process.TestPool.lives;
import static io.microscale.orchestrators.process.TestPool.ready;
import static io.microscale.orchestrators.process.TestPool.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.core.model.ReplicaState;
import io.microscale.orchestrators.process.TestPool.Levers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StopTest {
  /// A child and a grandchild, whose numbers are written.
  private static final String FAMILY =
      "sh -c 'sleep 300 & echo $!; wait' & echo $!; echo READY; wait";

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void childrenAndGrandchildrenEndToo(Levers levers) {
    try (var pool = new TestPool(folder, levers, ready(FAMILY))) {
      var id = pool.running();
      var family = pool.pids(id, 2);
      assertThat(family).allMatch(TestPool::lives);
      pool.stop(id);
      pool.awaitGone(id);
      family.forEach(TestPool::awaitDead);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whenTheFirstProcessIsKilledTheRestIsEnded(Levers levers) {
    try (var pool = new TestPool(folder, levers, ready(FAMILY))) {
      var id = pool.running();
      var family = pool.pids(id, 2);
      kill(pool.pid(id));
      pool.awaitGone(id);
      family.forEach(TestPool::awaitDead);
      pool.awaitNotice("killed by signal 9 (KILL)");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V2"})
  void controlGroupEndsWhatLeftTheProcessGroup(Levers levers) {
    var script = "setsid sh -c 'echo $$; exec sleep 300' & echo READY; wait";
    try (var pool = new TestPool(folder, levers, ready(script))) {
      var id = pool.running();
      int escaped = pool.pids(id, 1).getFirst();
      pool.stop(id);
      pool.awaitGone(id);
      awaitDead(escaped);
    }
  }

  @Test
  void graceLetsItFinish() throws Exception {
    var go = folder.resolve("go");
    var script =
        "trap 'until [ -e "
            + go
            + " ]; do sleep 0.01; done; echo done; exit' TERM;"
            + " echo READY; while :; do sleep 0.05; done";
    try (var pool = new TestPool(folder, ready(script))) {
      var id = pool.running();
      var log = pool.process(id).log();
      pool.stop(id);
      assertThat(pool.find(id).orElseThrow().state()).isEqualTo(ReplicaState.STOPPING);
      Files.createFile(go);
      pool.awaitGone(id);
      assertThat(TestPool.text(log)).endsWith("done\n");
      assertThat(pool.notices).isEmpty();
    }
  }

  @Test
  void whatIgnoresTermIsKilledAfterItsGrace() {
    var workload =
        ready("trap '' TERM; echo READY; while :; do sleep 1; done")
            .stopGrace(Duration.ofMillis(150));
    try (var pool = new TestPool(folder, workload)) {
      var id = pool.running();
      int pid = pool.pid(id);
      long begun = System.nanoTime();
      pool.stop(id);
      pool.awaitGone(id);
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isGreaterThanOrEqualTo(Duration.ofMillis(150));
      assertThat(lives(pid)).isFalse();
      pool.awaitNotice("still there 150 ms after it was told to end: killed");
    }
  }

  @Test
  void noGraceIsKilledAtOnce() {
    var workload = ready("trap '' TERM; echo READY; sleep 300").stopGrace(Duration.ZERO);
    try (var pool = new TestPool(folder, workload)) {
      var id = pool.running();
      pool.stop(id);
      pool.awaitGone(id);
    }
  }

  @ParameterizedTest
  @EnumSource
  void pausedOneGetsTheChanceToEndProperly(Levers levers) throws Exception {
    var go = folder.resolve("go");
    var script =
        "trap 'until [ -e "
            + go
            + " ]; do sleep 0.01; done; echo done; exit' TERM;"
            + " echo READY; while :; do sleep 0.05; done";
    try (var pool = new TestPool(folder, levers, ready(script))) {
      var id = pool.running();
      var log = pool.process(id).log();
      pool.pause(id);
      pool.stop(id);
      var stopping = pool.find(id).orElseThrow();
      assertThat(stopping.state()).isEqualTo(ReplicaState.STOPPING);
      assertThat(stopping.holds().isZero()).as("it gets no slot back for that").isTrue();
      Files.createFile(go);
      pool.awaitGone(id);
      assertThat(TestPool.text(log)).endsWith("done\n");
    }
  }

  @ParameterizedTest
  @EnumSource
  void pausedOneThatIgnoresTermIsKilled(Levers levers) {
    var workload =
        ready("trap '' TERM; echo READY; while :; do sleep 1; done")
            .stopGrace(Duration.ofMillis(100));
    try (var pool = new TestPool(folder, levers, workload)) {
      var id = pool.running();
      int pid = pool.pid(id);
      pool.pause(id);
      pool.stop(id);
      pool.awaitGone(id);
      assertThat(lives(pid)).isFalse();
    }
  }

  @Test
  void terminateAllLeavesNothingAndStartsNothing() {
    try (var pool = new TestPool(folder, ready("trap '' TERM; " + FAMILY))) {
      var first = pool.running();
      var second = pool.running();
      var family = pool.pids(first, 2);
      pool.pause(second);
      assertThat(pool.orchestrator().terminateAll(Duration.ofMillis(100))).isTrue();
      assertThat(pool.orchestrator().observe().replicas()).isEmpty();
      family.forEach(TestPool::awaitDead);
      assertThatThrownBy(pool::start).hasMessageContaining("everything is being ended");
    }
  }

  @Test
  void programThatCannotBeRunIsRefusedWithTheReason() {
    try (var pool = new TestPool(folder, Workload.of("/no/such/program"))) {
      assertThatThrownBy(pool::start)
          .hasMessage("work: cannot run [/no/such/program]: No such file or directory");
      assertThat(pool.orchestrator().observe().replicas()).isEmpty();
      assertThat(folder.resolve("state/replicas")).isEmptyDirectory();
    }
    var nowhere = shell("sleep 1").workingFolder(folder.resolve("nowhere"));
    try (var pool = new TestPool(folder, nowhere)) {
      assertThatThrownBy(pool::start)
          .hasMessageContaining("nowhere, which is no folder: No such file or directory");
    }
  }
}
