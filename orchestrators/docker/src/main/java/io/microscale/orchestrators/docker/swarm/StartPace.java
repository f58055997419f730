package io.microscale.orchestrators.docker.swarm;

import java.time.Duration;
import java.util.ArrayDeque;

/// How many tasks may be on their way at once, by how long the last ones took from being seen first
/// to running: four on each node if that was at most 0.75 s, three up to 1.5 s, else two.
///
/// With two, a node has the next one in hand while it starts one. More is needed only where it
/// starts them faster than Swarm can be told: seeing a task run, telling Swarm and getting the next
/// one to its node takes about 0.4 s. Not to be shared between threads.
final class StartPace {
  private static final int REMEMBERED = 8;
  private static final Duration QUICK = Duration.ofMillis(750);
  private static final Duration SLOW = Duration.ofMillis(1500);

  private final ArrayDeque<Duration> last = new ArrayDeque<>(REMEMBERED);

  /// A task is running.
  void started(Duration took) {
    if (last.size() == REMEMBERED) {
      last.removeFirst();
    }
    last.addLast(took);
  }

  /// How many tasks may be on their way on so many nodes.
  int atOnce(int nodes) {
    var mean =
        last.isEmpty()
            ? SLOW
            : last.stream().reduce(Duration.ZERO, Duration::plus).dividedBy(last.size());
    int each = mean.compareTo(QUICK) <= 0 ? 4 : mean.compareTo(SLOW) <= 0 ? 3 : 2;
    return each * Math.max(1, nodes);
  }
}
