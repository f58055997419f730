package io.microscale.orchestrators.kubernetes.policy;

/// A workload, as others name it.
///
/// @param group of its API, without a version; empty for the core's
public record Target(String group, String kind, String namespace, String name) {
  public Target {
    if (kind.isBlank() || namespace.isBlank() || name.isBlank()) {
      throw new IllegalArgumentException(
          "target: need a kind, a namespace and a name, got '%s', '%s' and '%s'"
              .formatted(kind, namespace, name));
    }
  }

  /// The workload that a reference in a manifest means.
  ///
  /// @param apiVersion as there, `apps/v1`
  public static Target of(String apiVersion, String kind, String namespace, String name) {
    return new Target(groupOf(apiVersion), kind, namespace, name);
  }

  static String groupOf(String apiVersion) {
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }
}
