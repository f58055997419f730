package io.microscale.sources.http;

/// Makes text from outside fit for a log line and a page.
final class OneLine {
  private static final int LONGEST = 200;

  private OneLine() {}

  static String of(String text) {
    var line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
