package io.microscale.core.model;

/// The name of a service, unique in its pool: a DNS label.
public record ServiceId(String value) implements Comparable<ServiceId> {
  public ServiceId {
    Names.requireLabel("service name", value);
  }

  @Override
  public int compareTo(ServiceId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
