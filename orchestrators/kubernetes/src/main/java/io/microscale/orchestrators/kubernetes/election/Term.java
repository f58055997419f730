package io.microscale.orchestrators.kubernetes.election;

/// The time for which one engine leads without a break.
///
/// @param number the Lease's `leaseTransitions`: each term has a higher one, until the Lease is
///   deleted
/// @param leader who leads
public record Term(int number, String leader) {
  public Term {
    if (number < 0) {
      throw new IllegalArgumentException("number: need >= 0, got " + number);
    }
    if (leader.isBlank()) {
      throw new IllegalArgumentException("leader: need a name, got \"" + leader + "\"");
    }
  }

  /// The number and the leader: no two terms have the same, even where the Lease began anew.
  @Override
  public String toString() {
    return number + " " + leader;
  }
}
