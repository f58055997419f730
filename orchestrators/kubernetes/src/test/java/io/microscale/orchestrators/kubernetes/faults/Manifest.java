package io.microscale.orchestrators.kubernetes.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;

/// Reads the files beside this class.
final class Manifest {
  private Manifest() {}

  /// A file, with `%s` and the like replaced by `values`.
  static String of(String file, Object... values) {
    try (var in = Objects.requireNonNull(Manifest.class.getResourceAsStream(file), file)) {
      var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return String.format(Locale.ROOT, text, values);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
