package io.microscale.core.scaling;

import io.microscale.core.model.ServiceId;

/// How many replicas a service should ideally have now.
///
/// @param demand replicas that the last reading calls for, not rounded, without headroom; 0 if none
///   is known
/// @param replicas the claim: with headroom and hold, within min and max; `max` for a remainder
///   service
/// @param standby replicas to keep ready and paused beside them
/// @param basis what it rests on
/// @param reason one sentence for people, with the numbers
public record Claim(
    ServiceId service, double demand, int replicas, int standby, Basis basis, String reason) {
  public enum Basis {
    /// A reading that is fresh.
    READING,
    /// Lower demand that has not stayed down for the hold.
    HOLD,
    /// No reading: what was claimed last.
    LAST_KNOWN,
    /// No reading for longer than the fallback allows.
    FALLBACK,
    /// No demand is followed.
    REMAINDER,
    /// Switched off by hand.
    SUSPENDED
  }
}
