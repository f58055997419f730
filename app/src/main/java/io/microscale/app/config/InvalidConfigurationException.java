package io.microscale.app.config;

import java.util.List;

/// A configuration that breaks rules; carries every mistake that was found, in the order of the
/// file.
public final class InvalidConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Mistake> mistakes;
  private final transient List<Mistake> warnings;

  InvalidConfigurationException(String file, List<Mistake> mistakes, List<Mistake> warnings) {
    super(String.join("\n", mistakes.stream().map(mistake -> mistake.in(file)).toList()));
    this.mistakes = List.copyOf(mistakes);
    this.warnings = List.copyOf(warnings);
  }

  public List<Mistake> mistakes() {
    return mistakes;
  }

  public List<Mistake> warnings() {
    return warnings;
  }
}
