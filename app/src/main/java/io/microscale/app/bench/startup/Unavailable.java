package io.microscale.app.bench.startup;

/// A way of starting work cannot be measured here, for a reason that the reader is told.
final class Unavailable extends Exception {
  private static final long serialVersionUID = 1L;

  Unavailable(String reason) {
    super(reason);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
