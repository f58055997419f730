package io.microscale.orchestrators.process;

import static io.microscale.orchestrators.process.TestPool.ready;
import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.orchestrators.process.TestPool.Levers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// How long things take, printed. What is asserted is generous, for busy machines.
@Tag("slow")
class LatencyTest {
  private static final int SAMPLES = 200;
  private static final String BUSY = "echo READY; while :; do :; done";

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void fromStartToReady(Levers levers) {
    try (var pool = new TestPool(folder, levers, ready("echo READY; exec sleep 100"))) {
      double p50 = figures(levers + " start to ready", () -> startToReady(pool));
      assertThat(p50).isLessThan(100);
    }
  }

  private static long startToReady(TestPool pool) {
    var ready = new CountDownLatch(1);
    var start = pool.startAction();
    try (var _ =
        pool.orchestrator()
            .watch(
                () -> {
                  if (pool.find(start.replica())
                      .filter(r -> r.state() == ReplicaState.RUNNING)
                      .isPresent()) {
                    ready.countDown();
                  }
                })) {
      long begun = System.nanoTime();
      pool.orchestrator().perform(start);
      assertThat(ready.await(10, TimeUnit.SECONDS)).isTrue();
      long nanos = System.nanoTime() - begun;
      pool.stop(start.replica());
      pool.awaitGone(start.replica());
      return nanos;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void pauseAndResume(Levers levers) {
    for (int busy : new int[] {0, 4}) {
      try (var pool = new TestPool(folder.resolve("busy" + busy), levers, ready(BUSY))) {
        var all = new ArrayList<ReplicaId>();
        for (int i = 0; i < Math.max(1, busy); i++) {
          all.add(pool.running());
        }
        if (busy == 0) {
          pool.pause(all.getFirst());
          pool.resume(all.getFirst());
        }
        var name = levers + (busy == 0 ? " alone" : " beside 3 busy ones");
        figures(
            name + ": pause accepted",
            () -> timed(() -> pool.pause(all.getFirst()), () -> pool.resume(all.getFirst())));
        figures(name + ": resume accepted", () -> resumed(pool, all.getFirst()));
        figures(name + ": pause to halt", () -> halted(pool, all.getFirst()));
      }
    }
  }

  private static long timed(Runnable measured, Runnable undo) {
    long begun = System.nanoTime();
    measured.run();
    long nanos = System.nanoTime() - begun;
    undo.run();
    return nanos;
  }

  private static long resumed(TestPool pool, ReplicaId id) {
    pool.pause(id);
    long begun = System.nanoTime();
    pool.resume(id);
    return System.nanoTime() - begun;
  }

  /// Until the kernel says that every process has come to a halt.
  private static long halted(TestPool pool, ReplicaId id) {
    long begun = System.nanoTime();
    pool.pause(id);
    while (!pool.hasHalted(id) && System.nanoTime() - begun < 2_000_000_000L) {
      Thread.onSpinWait();
    }
    long nanos = System.nanoTime() - begun;
    pool.resume(id);
    return nanos;
  }

  private static double figures(String what, LongSupplier sample) {
    for (int i = 0; i < 20; i++) {
      var _ = sample.getAsLong(); // the JVM compiles
    }
    var nanos = new long[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      nanos[i] = sample.getAsLong();
    }
    Arrays.sort(nanos);
    double p50 = nanos[SAMPLES / 2] / 1e6;
    List<Object> shown =
        List.of(what, p50, nanos[SAMPLES * 99 / 100] / 1e6, nanos[SAMPLES - 1] / 1e6);
    System.out.printf("%-50s p50 %7.3f  p99 %7.3f  max %7.3f ms%n", shown.toArray());
    return p50;
  }
}
