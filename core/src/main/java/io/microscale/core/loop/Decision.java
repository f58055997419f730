package io.microscale.core.loop;

import io.microscale.core.allocation.Grant;
import io.microscale.core.model.ServiceId;
import io.microscale.core.scaling.Claim;

/// What one pass decided for one service, beside what there was: the answer to "why".
///
/// The counts are of replicas as the pass saw them, actions in flight included.
public record Decision(
    Claim claim, Grant grant, int starting, int running, int paused, int stopping) {
  public ServiceId service() {
    return claim.service();
  }
}
