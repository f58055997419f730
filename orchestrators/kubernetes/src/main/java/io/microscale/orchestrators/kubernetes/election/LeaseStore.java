package io.microscale.orchestrators.kubernetes.election;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.Optional;

/// The one Lease of an election. Calls block for a bounded time and throw a `RuntimeException`
/// where it is not known what the Lease is or has become.
interface LeaseStore {
  /// The Lease; empty if there is none.
  Optional<Lease> read();

  /// The Lease as created; empty if there is one already.
  Optional<Lease> create(Lease lease);

  /// The Lease as replaced; empty if it is no longer the version that the new one was made from, or
  /// is gone.
  Optional<Lease> replace(Lease lease);
}
