package io.microscale.core.model;

import java.util.regex.Pattern;

/// The one rule for names that people choose: a DNS label, as in Kubernetes, so that every
/// orchestrator accepts it.
public final class Names {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private Names() {}

  /// Returns a DNS label as it is.
  ///
  /// @param what names the value in the error
  /// @throws IllegalArgumentException if it is none
  public static String requireLabel(String what, String value) {
    if (!LABEL.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "%s: need a DNS label (a-z, 0-9 and '-', at most 63, no '-' at either end), got '%s'"
              .formatted(what, value));
    }
    return value;
  }

  static String requireToken(String what, String value) {
    if (value.isBlank() || value.length() > 253) {
      throw new IllegalArgumentException(
          "%s: need 1 to 253 characters, got '%s'".formatted(what, value));
    }
    return value;
  }
}
