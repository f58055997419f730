package io.microscale.orchestrators.process;

import java.util.Map;
import java.util.TreeMap;

/// The text of a record: a line `key=value` for each field, with `\\`, `\n` and `\r` for backslash
/// and line ends in values. `java.util.Properties` would do, but writes a date, for which a
/// starting JVM loads time zones, 15 ms.
final class RecordText {
  private RecordText() {}

  static String write(Map<String, String> fields) {
    var text = new StringBuilder();
    new TreeMap<>(fields)
        .forEach(
            (key, value) ->
                text.append(key)
                    .append('=')
                    .append(value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r"))
                    .append('\n'));
    return text.toString();
  }

  /// Reads what [#write] wrote.
  ///
  /// @throws IllegalArgumentException if a line has no `=`
  static Map<String, String> read(String text) {
    var fields = new TreeMap<String, String>();
    for (var line : text.split("\n", -1)) {
      if (line.isEmpty()) {
        continue;
      }
      int at = line.indexOf('=');
      if (at < 0) {
        throw new IllegalArgumentException("need key=value, got '" + line + "'");
      }
      fields.put(line.substring(0, at), unescaped(line.substring(at + 1)));
    }
    return fields;
  }

  private static String unescaped(String value) {
    if (value.indexOf('\\') < 0) {
      return value;
    }
    var text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length()) {
        i++;
        char escaped = value.charAt(i);
        c = escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped;
      }
      text.append(c);
    }
    return text.toString();
  }
}
