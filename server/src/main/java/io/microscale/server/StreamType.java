package io.microscale.server;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// What `event:` says in the event stream.
enum StreamType {
  FRAME,
  FIGURES,
  NODES,
  PASSED,
  /// A pass that changed nothing.
  IDLE,
  ACTION,
  REACTED,
  READING,
  OVERRIDDEN,
  OBSERVED,
  BLIND,
  WORK,
  STARTED,
  STOPPED,
  RESET;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// @param words types separated by commas
  /// @throws Refusal if one of them is none
  static Set<StreamType> parse(String words) {
    var types = EnumSet.noneOf(StreamType.class);
    for (var word : words.split(",", -1)) {
      types.add(of(word.strip()));
    }
    return types;
  }

  private static StreamType of(String word) {
    for (var type : values()) {
      if (type.word().equals(word)) {
        return type;
      }
    }
    throw Refusal.bad(
        "query.types",
        "need types out of %s, separated by commas"
            .formatted(EnumSet.allOf(StreamType.class).stream().map(StreamType::word).toList()),
        word);
  }
}
