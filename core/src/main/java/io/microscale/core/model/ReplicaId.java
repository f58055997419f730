package io.microscale.core.model;

/// The name of a replica, unique in its pool over all time, 1 to 253 characters. Who starts a
/// replica chooses it, so that asking twice starts one.
public record ReplicaId(String value) implements Comparable<ReplicaId> {
  public ReplicaId {
    Names.requireToken("replica name", value);
  }

  @Override
  public int compareTo(ReplicaId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
