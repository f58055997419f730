package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.client.utils.Serialization;

/// Objects as people write them.
final class Manifests {
  private Manifests() {}

  /// The object that a manifest describes.
  static <T> T read(String yaml, Class<T> type) {
    // Without the marker, what begins with a brace is taken for JSON.
    return Serialization.unmarshal("---\n" + yaml, type);
  }
}
