package io.microscale.app.bench.reaction.kubernetes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.bench.Samples;
import java.util.List;
import java.util.OptionalDouble;

/// What one step of demand came to. Times are from the demand being known, or from the first call,
/// in milliseconds.
///
/// @param how in which way it was made, where there are several
/// @param first until one more replica was ready; `half` and `all` likewise for half of the rise,
///   rounded up, and all of it
/// @param unserved demand without a ready replica, in replica-seconds
/// @param accepted until the API server had taken each of the changes; empty where others ask for
///   them
/// @param ended pods that were there before and are not, or are about to end
/// @param restarted containers that were started once more
/// @param idleBefore how much of the processors was idle before it, in percent
record Turn(
    String how,
    double first,
    double half,
    double all,
    double unserved,
    List<Double> accepted,
    int ended,
    int restarted,
    OptionalDouble idleBefore) {
  Turn {
    accepted = List.copyOf(accepted);
  }

  void putInto(ObjectNode node) {
    node.put("how", how)
        .put("firstMillis", Samples.rounded(first))
        .put("halfMillis", Samples.rounded(half))
        .put("allMillis", Samples.rounded(all))
        .put("unservedReplicaSeconds", Samples.rounded(unserved))
        .put("podsEnded", ended)
        .put("containersRestarted", restarted);
    var times = node.putArray("acceptedMillis");
    accepted.forEach(time -> times.add(Samples.rounded(time)));
    if (idleBefore.isPresent()) {
      node.put("idleBeforePercent", Samples.rounded(idleBefore.getAsDouble()));
    } else {
      node.putNull("idleBeforePercent");
    }
  }
}
