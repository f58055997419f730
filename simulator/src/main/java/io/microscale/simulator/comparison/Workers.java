package io.microscale.simulator.comparison;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/// Does jobs that need a processor each, some at a time.
final class Workers {
  private Workers() {}

  /// Does all jobs.
  ///
  /// @param threads how many at the same time, at least 1
  /// @param finished hears how many are done, on the calling thread
  /// @return their results, in the order of the jobs
  /// @throws InterruptedException if the calling thread is interrupted; it waits for the jobs that
  ///   had begun and begins no other
  static <T> List<T> all(List<? extends Callable<T>> jobs, int threads, IntConsumer finished)
      throws InterruptedException {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: need >= 1, got " + threads);
    }
    var threadsOfThis = Thread.ofPlatform().daemon().name("comparison-", 0).factory();
    try (var executor = Executors.newFixedThreadPool(threads, threadsOfThis)) {
      var done = new ExecutorCompletionService<T>(executor);
      try {
        var futures = new ArrayList<Future<T>>(jobs.size());
        jobs.forEach(job -> futures.add(done.submit(job)));
        for (int i = 1; i <= jobs.size(); i++) {
          done.take().get();
          finished.accept(i);
        }
        return futures.stream().map(Future::resultNow).toList();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a run failed: " + e.getCause(), e);
      } finally {
        executor.shutdownNow();
      }
    }
  }
}
