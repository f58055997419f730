package io.microscale.app.bench.reaction.kubernetes;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// One step of demand on a full node, from the start to the last pod that serves.
final class Race {
  private static final Duration AFTERMATH = Duration.ofMillis(500);

  private final Stage stage;
  private final Predicate<Pods.Seen> serving;

  /// What begins it.
  interface Start {
    void give() throws InterruptedException;
  }

  /// @param web the Deployment whose pods answer the step
  Race(Stage stage, String web) {
    this.stage = stage;
    this.serving = pod -> pod.app().equals(web) && pod.serves(stage.size().full());
  }

  /// Runs it.
  ///
  /// @param how in which way, where there are several
  /// @param accepted the `System.nanoTime()` at which the server had taken each change
  Turn run(Contestant.Quietness quiet, String how, Start start, Supplier<List<Long>> accepted)
      throws InterruptedException {
    var step = stage.step();
    var pods = stage.pods();
    var before = pods.all(pod -> true);
    var idle = quiet.await();
    pods.begin(serving, step.to());
    start.give();
    stage.await(() -> pods.count(serving) >= step.to());
    var times = accepted.get().stream().map(pods::since).toList();
    // What comes late counts too: a pod that is ended or restarted because of the step.
    pods.await(AFTERMATH, () -> false);
    int ended = 0;
    int restarted = 0;
    for (var pod : before) {
      var now = pods.all(other -> other.uid().equals(pod.uid()));
      ended += now.isEmpty() || now.getFirst().stopping() ? 1 : 0;
      restarted += now.isEmpty() ? 0 : now.getFirst().restarts() - pod.restarts();
    }
    return new Turn(
        how,
        pods.millisUntil(step.from() + 1),
        pods.millisUntil(step.from() + (step.rise() + 1) / 2),
        pods.millisUntil(step.to()),
        pods.missing(),
        times,
        ended,
        restarted,
        idle);
  }
}
