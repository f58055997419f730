package io.microscale.app.bench.reaction.kubernetes;

import io.microscale.app.bench.reaction.Step;
import io.microscale.core.model.Resources;

/// How much processor a pod has, in thousandths of a core, so that the pods of a step fill a node.
///
/// @param full of each pod at work
/// @param floor of a batch pod that has given way: a tenth
/// @param paused of one that stands by
record Size(long full, long floor, long paused) {
  static final long MEMORY = 16L << 20;

  private static final long PAUSED = 10;
  private static final long LEAST = 50;
  private static final int FLOOR_SHARE = 10;

  /// The largest size with which the pods of `step`, and those that stand by, fit into what is
  /// free.
  ///
  /// @throws IllegalArgumentException if that is too little
  static Size of(long freeCpu, Step step) {
    long full = (freeCpu - PAUSED * step.rise()) / step.slots();
    if (full < LEAST) {
      throw new IllegalArgumentException(
          "need %dm of free processor for each of %d replicas, got %dm on the emptiest node"
              .formatted(LEAST, step.slots(), Math.max(0, full)));
    }
    var size = new Size(full, Math.max(PAUSED + 1, full / FLOOR_SHARE), PAUSED);
    int batch = step.slots() - step.from();
    if (size.throttled(step) > batch) {
      throw new IllegalArgumentException(
          "need %d batch replicas or more to make room by throttling them, got %d"
              .formatted(size.throttled(step), batch));
    }
    return size;
  }

  /// How many batch pods have to give way for a step, if what is left over on the node is not used.
  int throttled(Step step) {
    return (int) Math.ceilDiv(step.rise() * (full - paused), full - floor);
  }

  Resources resources() {
    return Resources.cpuAndMemory(full, MEMORY);
  }

  Resources throttledResources() {
    return Resources.cpuAndMemory(floor, MEMORY);
  }

  Resources pausedResources() {
    return Resources.cpuAndMemory(paused, MEMORY);
  }
}
