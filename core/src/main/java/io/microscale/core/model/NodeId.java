package io.microscale.core.model;

/// The name of a node as the orchestrator gives it, 1 to 253 characters.
public record NodeId(String value) implements Comparable<NodeId> {
  public NodeId {
    Names.requireToken("node name", value);
  }

  @Override
  public int compareTo(NodeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
