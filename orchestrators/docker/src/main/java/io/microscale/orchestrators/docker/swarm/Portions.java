package io.microscale.orchestrators.docker.swarm;

import io.microscale.core.model.ServiceId;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Gives Swarm a rise in portions.
///
/// Swarm starts every task that it has given to a node before it takes it away again, so all that
/// it was told too early is started in vain when the demand falls. It is told only as many as keep
/// the nodes at work, and a fall at once. What waits for room has no node, costs nothing to take
/// back, and does not count.
final class Portions {
  private Portions() {}

  /// How many replicas a service is to have in the end, and how many Swarm was told so far.
  record Rise(int target, int told) {}

  /// What Swarm is to be told next. The portion is dealt out one by one, to each service in turn.
  ///
  /// @param mayStart how many more may be on their way at once
  /// @return only the services whose number changes
  static SortedMap<ServiceId, Integer> next(Map<ServiceId, Rise> rises, int mayStart) {
    var next = new TreeMap<ServiceId, Integer>();
    var open = new TreeMap<>(rises);
    open.values().removeIf(rise -> rise.told >= rise.target);
    for (int left = mayStart; left > 0 && !open.isEmpty(); ) {
      for (var service : open.keySet().toArray(ServiceId[]::new)) {
        if (left == 0) {
          break;
        }
        var rise = rises.get(service);
        if (rise == null) {
          throw new IllegalStateException("no rise of " + service);
        }
        int told = next.merge(service, rise.told + 1, (before, _) -> before + 1);
        left--;
        if (told == rise.target) {
          open.remove(service);
        }
      }
    }
    return next;
  }
}
