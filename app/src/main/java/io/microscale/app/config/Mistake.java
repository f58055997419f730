package io.microscale.app.config;

/// One thing that is wrong in a file, with what a person needs to put it right.
///
/// @param path where in the document, as `services[2].min`; empty for the document itself
/// @param line counted from 1
/// @param column counted from 1
/// @param rule what is needed
/// @param value what was found instead; empty where nothing is there
public record Mistake(String path, int line, int column, String rule, String value) {
  /// `FILE:LINE:COLUMN: PATH: RULE, got VALUE`, as compilers write it, so that editors jump there.
  public String in(String file) {
    return "%s:%d:%d: %s%s%s"
        .formatted(
            file,
            line,
            column,
            path.isEmpty() ? "" : path + ": ",
            rule,
            value.isEmpty() ? "" : ", got " + value);
  }
}
