package io.microscale.app.bench.startup;

import java.io.IOException;

/// A way of starting work that can be measured.
///
/// @param id as in `--only`
/// @param title for people
record Kind(String id, String title, Family family, Opener opener) {
  /// What is alike.
  enum Family {
    PROCESS("process"),
    RUNTIME("runtime"),
    ENGINE("engine"),
    VM("vm");

    private final String style;

    Family(String style) {
      this.style = style;
    }

    /// Its class in the page's style.
    String style() {
      return style;
    }
  }

  /// Makes everything ready for it.
  @FunctionalInterface
  interface Opener {
    /// Returns when the first start may be asked for.
    ///
    /// @throws Unavailable if it cannot be measured here
    /// @throws IOException if it should have worked
    Way open() throws Unavailable, IOException, InterruptedException;
  }

  boolean isContainer() {
    return family == Family.RUNTIME || family == Family.ENGINE;
  }

  boolean isVm() {
    return family == Family.VM;
  }

  /// Whether `name` means this: its id, or the first word of it, such as `docker` of `docker-host`.
  boolean isMeantBy(String name) {
    return id.equals(name) || id.startsWith(name + "-");
  }
}
