package io.microscale.app.config;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Collects what is wrong and what is doubtful while a document is read. A mistake that is found
/// twice counts once.
final class Mistakes {
  private static final Comparator<Mistake> IN_FILE_ORDER =
      Comparator.comparingInt(Mistake::line).thenComparingInt(Mistake::column);

  private static final Pattern PASSWORD = Pattern.compile("://[^/\\s]*@");

  private final Set<Mistake> mistakes = new LinkedHashSet<>();
  private final Set<Mistake> warnings = new LinkedHashSet<>();

  void add(String path, Yaml at, String rule, String value) {
    mistakes.add(new Mistake(path, at.line(), at.column(), rule, shown(value)));
  }

  void warn(String path, Yaml at, String rule, String value) {
    warnings.add(new Mistake(path, at.line(), at.column(), rule, shown(value)));
  }

  int count() {
    return mistakes.size();
  }

  List<Mistake> mistakes() {
    return mistakes.stream().sorted(IN_FILE_ORDER).toList();
  }

  List<Mistake> warnings() {
    return warnings.stream().sorted(IN_FILE_ORDER).toList();
  }

  /// A value as it may be printed: on one line, of bounded length, without control characters and
  /// without what stands before the `@` of an address.
  private static String shown(String value) {
    var clean = new StringBuilder();
    PASSWORD
        .matcher(value)
        .replaceAll("://***@")
        .codePoints()
        .limit(81)
        .map(c -> Character.isISOControl(c) ? ' ' : c)
        .forEach(clean::appendCodePoint);
    return clean.codePointCount(0, clean.length()) > 80
        ? clean.substring(0, clean.offsetByCodePoints(0, 77)) + "..."
        : clean.toString();
  }
}
