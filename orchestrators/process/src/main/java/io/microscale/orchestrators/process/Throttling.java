package io.microscale.orchestrators.process;

/// How the processor of a running replica is limited.
public enum Throttling {
  /// A cgroup where groups can be made, else `nice` where it can be undone, else not at all.
  AUTO,
  /// The cgroup's quota, v1 or v2: a hard limit in thousandths of a core. Opening fails where no
  /// groups can be made.
  CGROUP,
  /// `nice 19`: no limit, only the last place in the queue. A throttled replica gets about 1.5 % of
  /// a core that another one wants, and all of an idle one. Undoing it needs `CAP_SYS_NICE`;
  /// opening fails without.
  NICE,
  /// Not at all: resizes are refused, and no groups are made for it.
  NONE
}
