package io.microscale.orchestrators.process;

/// How replicas are paused. Either way memory and progress stay and no processor is used.
public enum Pausing {
  /// The cgroup freezer where groups can be made, else signals.
  AUTO,
  /// The cgroup freezer; opening fails where no groups can be made. Reaches every process of a
  /// replica, whatever it did to its process group, and none can tell.
  FREEZER,
  /// SIGSTOP and SIGCONT to the process group; works everywhere. A process that left its group goes
  /// on, and parents see their children stop.
  SIGNAL
}
