package io.microscale.app.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What errors are worded with: names of choices, guesses at what was meant, and the parts of a
/// broken rule.
final class Words {
  private Words() {}

  static <E extends Enum<E>> String namesOf(Class<E> type) {
    return Arrays.stream(type.getEnumConstants())
        .map(Words::nameOf)
        .collect(Collectors.joining(", "));
  }

  static <E extends Enum<E>> E named(Class<E> type, String name) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> nameOf(constant).equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name));
  }

  private static String nameOf(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /// ` (did you mean 'minRuntime'?)` where one of `candidates` is close to `word`, else nothing.
  static String meant(String word, Collection<String> candidates) {
    return candidates.stream()
        .filter(candidate -> distance(word, candidate) <= Math.max(1, candidate.length() / 3))
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
        .map(" (did you mean '%s'?)"::formatted)
        .orElse("");
  }

  /// Edits from one word to the other, where case, `-` and `_` cost nothing.
  private static int distance(String a, String b) {
    var from = plain(a);
    var to = plain(b);
    var row = new int[to.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int above = row[j];
        row[j] =
            Math.min(
                Math.min(row[j - 1], above) + 1,
                diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1));
        diagonal = above;
      }
    }
    return row[to.length()];
  }

  private static String plain(String word) {
    // Longer words are no typing mistakes; the bound keeps the comparison cheap.
    var plain = word.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    return plain.length() > 64 ? plain.substring(0, 64) : plain;
  }

  /// A message of a record, `SUBJECT: KEY: RULE, got VALUE`, in its parts.
  ///
  /// @param keys words of the message that may be keys, most likely first
  record Broken(String rule, String value, String named, String keys) {
    private static final Pattern NAMED =
        Pattern.compile("([A-Za-z][A-Za-z0-9. \\[\\]]*): (.*)", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9]*");

    static Broken of(String subject, String message) {
      var text =
          message.startsWith(subject + ": ") ? message.substring(subject.length() + 2) : message;
      var named = NAMED.matcher(text);
      var key = "";
      if (named.matches()) {
        key = named.group(1);
        text = named.group(2);
      }
      int got = text.lastIndexOf(", got ");
      return got < 0
          ? new Broken(text, "", key, text)
          : new Broken(text.substring(0, got), text.substring(got + ", got ".length()), key, text);
    }

    /// The key among `present` that the rule speaks of.
    Optional<String> keyIn(Set<String> present, Set<String> excluded) {
      return WORD.matcher(named + " " + keys)
          .results()
          .map(word -> word.group())
          // A rule about remainder services is broken by what such a service has, not by its being
          // one.
          .filter(
              word ->
                  present.contains(word) && !excluded.contains(word) && !word.equals("remainder"))
          .findFirst();
    }
  }
}
