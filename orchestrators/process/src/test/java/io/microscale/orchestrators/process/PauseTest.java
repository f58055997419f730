package io.microscale.orchestrators.process;

import static io.microscale.orchestrators.process.TestPool.cpuTicks;
import static io.microscale.orchestrators.process.TestPool.ready;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Action;
import io.microscale.orchestrators.process.TestPool.Levers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PauseTest {
  private static final String BUSY = "echo READY; while :; do :; done";
  private static final String BUSY_CHILD =
      "sh -c 'echo $$; while :; do :; done' & echo READY; wait";

  @TempDir private Path folder;

  private static long ticksDuring(int pid, Duration time) {
    long before = cpuTicks(pid);
    await().pollDelay(time).until(() -> true);
    return cpuTicks(pid) - before;
  }

  @ParameterizedTest
  @EnumSource
  void pausedUsesNoProcessorAndResumedDoes(Levers levers) {
    try (var pool = new TestPool(folder, levers, ready(BUSY_CHILD))) {
      var id = pool.running();
      int child = pool.pids(id, 1).getFirst();
      await().until(() -> cpuTicks(child) > 2);
      pool.pause(id);
      assertThat(ticksDuring(child, Duration.ofMillis(300))).isLessThanOrEqualTo(1);
      long before = cpuTicks(child);
      pool.resume(id);
      assertThat(pool.find(id).orElseThrow().state()).isEqualTo(ReplicaState.RUNNING);
      await().until(() -> cpuTicks(child) > before + 2);
      assertThat(pool.notices).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void wantedStateIsMadeTrueAgainAfterARestart(Levers levers) {
    try (var pool = new TestPool(folder, levers, ready(BUSY))) {
      var id = pool.running();
      int pid = pool.pid(id);
      pool.pause(id);
      pool.reopen();
      assertThat(pool.find(id).orElseThrow().state()).isEqualTo(ReplicaState.PAUSED);
      assertThat(ticksDuring(pid, Duration.ofMillis(200))).isLessThanOrEqualTo(1);
      pool.resume(id);
      long before = cpuTicks(pid);
      await().until(() -> cpuTicks(pid) > before + 2);
      pool.reopen();
      long again = cpuTicks(pid);
      await().until(() -> cpuTicks(pid) > again + 2);
    }
  }

  @Test
  void quotaThrottlesAndLetsGo() {
    try (var pool = new TestPool(folder, Levers.V1, ready(BUSY))) {
      var id = pool.running();
      int pid = pool.pid(id);
      // 10 of 1000 slots of two or more cores: at least 0.2 % of a core, so the floor of 1 %.
      resize(pool, id, 1);
      assertThat(ticksDuring(pid, Duration.ofSeconds(1))).isLessThan(15);
      pool.reopen();
      assertThat(pool.find(id).orElseThrow().resources()).isEqualTo(Resources.slots(1));
      assertThat(ticksDuring(pid, Duration.ofMillis(500))).isLessThan(10);
      resize(pool, id, 10);
      await().until(() -> ticksDuring(pid, Duration.ofMillis(300)) > 5);
    }
  }

  @Test
  void niceYieldsToOthers() throws Exception {
    org.junit.jupiter.api.Assumptions.assumeTrue(Host.canUndoNice(), "nice cannot be undone");
    // On one core, where they cannot but compete.
    var script = "exec taskset -c 0 sh -c 'echo READY; while :; do :; done'";
    try (var pool = new TestPool(folder, Levers.SIGNALS, ready(script))) {
      var one = pool.running();
      var other = pool.running();
      resize(pool, one, 1);
      var before = new long[] {cpuTicks(pool.pid(one)), cpuTicks(pool.pid(other))};
      await().until(() -> cpuTicks(pool.pid(other)) - before[1] >= 40);
      assertThat(cpuTicks(pool.pid(one)) - before[0]).isLessThan(15);
      resize(pool, one, 10);
      long undone = cpuTicks(pool.pid(one));
      await().until(() -> cpuTicks(pool.pid(one)) - undone >= 15);
    }
  }

  private static void resize(TestPool pool, io.microscale.core.model.ReplicaId id, int slots) {
    pool.orchestrator().perform(new Action.Resize(TestPool.SERVICE, id, Resources.slots(slots)));
  }
}
