package io.microscale.core.planning;

import java.util.List;

/// The steps that can be taken now, and what has to wait.
public record Plan(List<Step> steps, List<Waiting> waiting) {
  public static final Plan EMPTY = new Plan(List.of(), List.of());

  public Plan {
    steps = List.copyOf(steps);
    waiting = List.copyOf(waiting);
  }
}
