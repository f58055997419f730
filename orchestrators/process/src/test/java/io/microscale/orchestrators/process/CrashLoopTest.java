package io.microscale.orchestrators.process;

import static io.microscale.orchestrators.process.TestPool.SERVICE;
import static io.microscale.orchestrators.process.TestPool.ready;
import static io.microscale.orchestrators.process.TestPool.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashLoopTest {
  @TempDir private Path folder;

  @Test
  void loopIsReportedWithItsReasonAndEnds() throws Exception {
    var good = folder.resolve("good");
    var script = "[ -e " + good + " ] && exec sleep 100; echo cannot bind >&2; exit 3";
    try (var pool = new TestPool(folder, shell(script))) {
      pool.awaitGone(pool.start());
      assertThat(pool.orchestrator().observe().backoffs()).isEmpty();
      pool.awaitGone(pool.start());
      var told = new CountDownLatch(1);
      try (var _ =
          pool.orchestrator()
              .watch(
                  () -> {
                    if (pool.orchestrator().observe().backoffs().isEmpty()) {
                      told.countDown();
                    }
                  })) {
        var backoff = pool.orchestrator().observe().backoffs().get(SERVICE);
        assertThat(backoff.reason())
            .isEqualTo("2 ended within 10 s in a row, the last: exit 3; last output: cannot bind");
        assertThatThrownBy(pool::start)
            .hasMessageContaining("not before " + backoff.until())
            .hasMessageContaining("cannot bind");
        Files.createFile(good);
        assertThat(told.await(10, TimeUnit.SECONDS)).as("told when it is over").isTrue();
      }
      pool.running();
    }
  }

  @Test
  void replicaThatWasToldToStopIsNoCrash() {
    try (var pool = new TestPool(folder, ready("echo READY; exec sleep 100"))) {
      for (int i = 0; i < 5; i++) {
        var id = pool.running();
        pool.stop(id);
        pool.awaitGone(id);
      }
      assertThat(pool.orchestrator().observe().backoffs()).isEmpty();
      assertThat(pool.notices).isEmpty();
    }
  }

  @Test
  void fiveKilledAtOnceAreReplacedAtOnce() {
    try (var pool = new TestPool(folder, TestPool.Levers.V1, ready("echo READY; exec sleep 100"))) {
      var ids = Stream.generate(pool::running).limit(5).toList();
      var pids = ids.stream().map(pool::pid).toList();
      long begun = System.nanoTime();
      pids.forEach(TestPool::kill);
      await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> pool.orchestrator().observe().replicas().isEmpty());
      long seen = System.nanoTime();
      for (int i = 0; i < 5; i++) {
        pool.start();
      }
      await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> pool.orchestrator().observe().of(SERVICE).running() == 5);
      System.out.printf(
          "five killed: all seen after %.1f ms, all replaced and ready after %.1f ms%n",
          (seen - begun) / 1e6, (System.nanoTime() - begun) / 1e6);
    }
  }
}
