package io.microscale.orchestrators.docker.swarm;

import java.time.Duration;
import java.util.ArrayDeque;

/// How many tasks may be on their way at once: two for each node, so that it has the next one in
/// hand while it starts one, and as many as begin to run while Swarm is being told of more; at most
/// four for each node. That is Little's law: seeing that a task runs, telling Swarm, and getting
/// the next one to its node takes about half a second.
///
/// How many begin to run in a second is measured over the last eight of one rise, from when the
/// first of them was seen. Until it is known it is three for each node. Not to be shared between
/// threads.
final class StartPace {
  private static final int REMEMBERED = 8;
  private static final int ENOUGH = 4;
  private static final Duration SAME_RISE = Duration.ofSeconds(2);
  private static final double TELLING_SECONDS = 0.5;

  private final ArrayDeque<Start> last = new ArrayDeque<>(REMEMBERED);
  private double perSecond = Double.NaN;

  private record Start(long seenNanos, long ranNanos) {}

  /// A task has begun to run.
  void started(long seenNanos, long ranNanos) {
    if (!last.isEmpty() && ranNanos - last.getLast().ranNanos > SAME_RISE.toNanos()) {
      last.clear();
    }
    if (last.size() == REMEMBERED) {
      last.removeFirst();
    }
    last.addLast(new Start(seenNanos, ranNanos));
    long took = ranNanos - last.stream().mapToLong(Start::seenNanos).min().orElse(ranNanos);
    if (last.size() >= ENOUGH && took > 0) {
      perSecond = last.size() * 1e9 / took;
    }
  }

  /// How many tasks may be on their way on so many nodes.
  int atOnce(int nodes) {
    int some = Math.max(1, nodes);
    if (Double.isNaN(perSecond)) {
      return 3 * some;
    }
    return Math.min(2 * some + (int) Math.ceil(perSecond * TELLING_SECONDS), 4 * some);
  }
}
