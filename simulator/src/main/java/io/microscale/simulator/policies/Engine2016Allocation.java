package io.microscale.simulator.policies;

import java.util.List;

/// How the 2016 engine divides its containers, once a tick: first what nobody needs is given back,
/// from the lowest priority up, then what is short is taken, from the highest priority down. What
/// is freed by stopping others is used on a later tick.
final class Engine2016Allocation {
  private final int mostContainers;
  private final List<Task> byPriority;

  /// One kind of container.
  static final class Task {
    private final int min;
    private final int max;
    private final int mostChange;
    private final boolean remainder;
    private int requested;
    private int running;
    private int demand;
    private int delta;
    private boolean meeting;
    private boolean exceeding;

    /// A task whose containers all run.
    ///
    /// @param mostChange how many containers a tick may start or stop
    /// @param remainder whether it takes whatever is left
    Task(int min, int max, int mostChange, boolean remainder, int requested) {
      this.min = min;
      this.max = max;
      this.mostChange = mostChange;
      this.remainder = remainder;
      this.requested = requested;
      this.running = requested;
    }

    /// What the next tick works with.
    ///
    /// @param running how many containers run
    /// @param delta how many more (or fewer) its target wants
    /// @param meeting whether its target is met: it takes no more
    /// @param exceeding whether its target is more than met: it may give some back
    void observe(int running, int delta, boolean meeting, boolean exceeding) {
      this.running = running;
      this.delta = delta;
      this.meeting = meeting;
      this.exceeding = exceeding;
    }

    /// What was asked for last.
    int requested() {
      return requested;
    }

    private boolean settled() {
      return running == requested;
    }

    private int within(int change) {
      return Math.clamp(
          Math.clamp((long) requested + change, min, max) - requested, -mostChange, mostChange);
    }
  }

  /// A pool.
  ///
  /// @param byPriority the highest priority first
  Engine2016Allocation(int mostContainers, List<Task> byPriority) {
    this.mostContainers = mostContainers;
    this.byPriority = List.copyOf(byPriority);
  }

  /// Makes one tick: afterwards every task has what is requested of it.
  void tick() {
    int available = mostContainers;
    for (var task : byPriority) {
      available -= task.requested;
      task.demand = task.requested;
    }
    for (int i = byPriority.size() - 1; i >= 0; i--) {
      available += giveBack(byPriority.get(i));
    }
    for (int i = 0; i < byPriority.size(); i++) {
      available -= take(i, available);
    }
    for (var task : byPriority) {
      task.requested = task.demand;
    }
  }

  private static int giveBack(Task task) {
    if (task.requested == task.min || !task.settled() || !task.exceeding) {
      return 0;
    }
    int change = task.within(Math.min(0, task.running + task.delta - task.requested));
    task.demand = task.running + change;
    return -change;
  }

  /// Takes what is free, and has others stopped for what is missing.
  private int take(int index, int available) {
    var task = byPriority.get(index);
    if (!task.settled() || task.meeting) {
      return 0;
    }
    int change = task.within(Math.max(0, task.running + task.delta - task.requested));
    if (available < change) {
      if (!task.remainder) {
        free(index, change - available);
      }
      change = available;
    }
    if (change <= 0) {
      return 0;
    }
    task.demand = Math.min(task.max, task.running + change);
    return change;
  }

  private void free(int index, int missing) {
    int left = missing;
    for (int i = byPriority.size() - 1; i > index && left > 0; i--) {
      var victim = byPriority.get(i);
      int stopped = Math.min(victim.requested - victim.min, left);
      if (stopped > 0) {
        victim.demand = victim.running - stopped;
        left -= stopped;
      }
    }
  }
}
