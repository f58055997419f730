package io.microscale.core.allocation;

import io.microscale.core.model.Replica;
import java.util.List;

/// Where the replicas of one service are to be.
///
/// @param released active replicas that the service itself no longer needs
/// @param standby how many ready ones to keep paused
/// @param spots one for each node on which it has replicas or gets some, in the order of the nodes;
///   empty if all stay as they are and none are added
/// @param asIs whether every replica stays as it is
public record Placement(List<Replica> released, int standby, List<Spot> spots, boolean asIs) {
  static final Placement AS_IS = new Placement(List.of(), 0, List.of(), true);

  /// One node's part.
  ///
  /// @param node index in the snapshot's list of nodes
  /// @param keep active replicas that stay, at full size, out of those not released
  /// @param resume paused ones to be resumed
  /// @param start new ones
  /// @param retain paused ones that stay paused
  public record Spot(int node, int keep, int resume, int start, int retain) {}
}
