package io.microscale.app.bench.reaction.kubernetes;

import io.microscale.app.bench.reaction.Step;
import io.microscale.core.model.Resources;

/// How much processor a pod has, in thousandths of a core, so that the pods of a step fill a node.
///
/// @param full of each pod at work
/// @param floor of a batch pod that has given way
/// @param paused of one that stands by
record Size(long full, long floor, long paused) {
  static final long MEMORY = 16L << 20;

  private static final long PAUSED = 10;

  /// The largest size with which the pods of `step` fit into what is free beside as many that stand
  /// by as the step adds. These count as much as batch pods that have given way, so that one batch
  /// pod makes room for one that stands by; there is never room for one more at full size.
  ///
  /// @throws IllegalArgumentException if that is too little
  static Size of(long freeCpu, Step step) {
    long floor = Math.max(PAUSED + 1, freeCpu / step.slots() / (2L * step.rise()));
    long full = (freeCpu - floor * step.rise()) / step.slots();
    long leftOver = floor * step.rise() + step.slots(); // at most
    if (full < leftOver) {
      throw new IllegalArgumentException(
          "need %dm of free processor for each of %d replicas, got %dm on the emptiest node"
              .formatted(leftOver, step.slots(), Math.max(0, full)));
    }
    return new Size(full, floor, PAUSED);
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
