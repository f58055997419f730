package io.microscale.app.bench.reaction;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.bench.Samples;
import java.util.OptionalDouble;

/// What one step of demand came to. Times are from the demand being told, in milliseconds.
///
/// @param first until one more replica was ready; `half` and `all` likewise for half of the rise,
///   rounded up, and all of it
/// @param unserved demand without a ready replica, in replica-seconds
/// @param lost batch replicas that were stopped, each with the unit of work that it was at
/// @param idleBefore how much of the processors was idle before it, in percent
record Round(
    double first, double half, double all, double unserved, int lost, OptionalDouble idleBefore) {

  void putInto(ObjectNode node) {
    node.put("firstMillis", Samples.rounded(first))
        .put("halfMillis", Samples.rounded(half))
        .put("allMillis", Samples.rounded(all))
        .put("unservedReplicaSeconds", Samples.rounded(unserved))
        .put("batchUnitsLost", lost);
    if (idleBefore.isPresent()) {
      node.put("idleBeforePercent", Samples.rounded(idleBefore.getAsDouble()));
    } else {
      node.putNull("idleBeforePercent");
    }
  }
}
