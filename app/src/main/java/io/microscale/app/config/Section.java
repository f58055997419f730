package io.microscale.app.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// A mapping of the document, read key by key. What does not fit goes to the mistakes and reads as
/// absent, so that reading goes on and finds the rest; keys that nobody asked for are mistakes too,
/// once [#finish] is called.
final class Section {
  private final String path;
  private final Yaml.Mapping node;
  private final Mistakes mistakes;
  private final Map<String, String> elsewhere; // where keys stand that are not in the document
  private final Set<String> known = new LinkedHashSet<>();
  private final Set<String> leftOut = new HashSet<>();

  Section(String path, Yaml.Mapping node, Mistakes mistakes) {
    this(path, node, mistakes, Map.of());
  }

  private Section(
      String path, Yaml.Mapping node, Mistakes mistakes, Map<String, String> elsewhere) {
    this.path = path;
    this.node = node;
    this.mistakes = mistakes;
    this.elsewhere = elsewhere;
  }

  /// The same with more keys, where it does not have them itself; their values are YAML.
  ///
  /// @param more values by key
  /// @param place where such a key stands, for errors
  Section completed(Map<String, String> more, Function<String, String> place) {
    var entries = new LinkedHashMap<>(node.entries());
    var places = new HashMap<String, String>();
    more.forEach(
        (key, text) -> {
          if (!entries.containsKey(key)) {
            var elsewhere = new Mistakes();
            var value =
                Yaml.parse(text, elsewhere).map(yaml -> yaml.at(node.line(), node.column()));
            if (value.isEmpty() || !elsewhere.mistakes().isEmpty()) {
              mistakes.add(place.apply(key), node, "need YAML", "'" + text + "'");
            } else {
              var name = new Yaml.Scalar(key, Yaml.Kind.TEXT, node.line(), node.column());
              entries.put(key, new Yaml.Entry(name, value.get()));
              places.put(key, place.apply(key));
            }
          }
        });
    var completed =
        new Section(path, new Yaml.Mapping(entries, node.line(), node.column()), mistakes, places);
    completed.known.addAll(known);
    return completed;
  }

  String path() {
    return path;
  }

  String pathOf(String key) {
    int dot = key.indexOf('.');
    var place = elsewhere.get(dot < 0 ? key : key.substring(0, dot));
    if (place != null) {
      return dot < 0 ? place : place + key.substring(dot);
    }
    return path.isEmpty() ? key : path + "." + key;
  }

  /// Whether the key is there, with whatever value.
  boolean has(String key) {
    known.add(key);
    return node.entries().containsKey(key);
  }

  /// Whether the key is there and has not been left out by [#build].
  boolean counts(String key) {
    return find(key).isPresent();
  }

  boolean isText(String key) {
    return find(key).orElse(null) instanceof Yaml.Scalar scalar && scalar.kind() == Yaml.Kind.TEXT;
  }

  Optional<String> text(String key) {
    return scalar(key, "need a text", Section::textOf);
  }

  /// A text that `make` turns into a value with rules of its own.
  <T> Optional<T> made(String key, Function<String, T> make) {
    return find(key)
        .flatMap(value -> convert(pathOf(key), value, "need a text", Section::textOf))
        .flatMap(
            text -> {
              try {
                return Optional.of(make.apply(text));
              } catch (IllegalArgumentException e) {
                var broken = Words.Broken.of("", String.valueOf(e.getMessage()));
                mistakes.add(
                    pathOf(key), entryOf(key).value(), broken.rule(), entryOf(key).value().shown());
                return Optional.empty();
              }
            });
  }

  Optional<Integer> integer(String key) {
    return scalar(key, "need a whole number", s -> typed(s, Yaml.Kind.INTEGER, Integer::valueOf));
  }

  Optional<Double> number(String key) {
    return scalar(
        key,
        "need a number",
        s ->
            s.kind() == Yaml.Kind.INTEGER
                ? Double.valueOf(s.text())
                : typed(s, Yaml.Kind.DECIMAL, Double::valueOf));
  }

  Optional<Boolean> flag(String key) {
    return scalar(key, "need true or false", s -> typed(s, Yaml.Kind.FLAG, Section::flagOf));
  }

  Optional<Duration> duration(String key) {
    return scalar(key, Quantity.DURATION, s -> Quantity.duration(textOf(s)));
  }

  Optional<Long> milliCores(String key) {
    return scalar(key, Quantity.CPU, s -> Quantity.milliCores(textOf(s)));
  }

  Optional<Long> bytes(String key) {
    return scalar(key, Quantity.BYTES, s -> Quantity.bytes(textOf(s)));
  }

  /// What `read` makes of this section; empty if it found a mistake in doing so.
  <T> Optional<T> flawless(Function<Section, T> read) {
    int before = mistakes.count();
    var value = read.apply(this);
    return mistakes.count() == before ? Optional.of(value) : Optional.empty();
  }

  /// A value of a fixed set, by its lower-case name.
  <E extends Enum<E>> Optional<E> choice(String key, Class<E> type) {
    return scalar(key, "need one of " + Words.namesOf(type), s -> Words.named(type, textOf(s)));
  }

  /// A mapping below this one; a key without a value is an empty one.
  Optional<Section> section(String key) {
    return find(key).flatMap(value -> sectionOf(pathOf(key), value));
  }

  /// A list of mappings.
  List<Section> sections(String key) {
    var sections = new ArrayList<Section>();
    var items = items(key, "need a list of mappings");
    for (int i = 0; i < items.size(); i++) {
      sectionOf("%s[%d]".formatted(pathOf(key), i), items.get(i)).ifPresent(sections::add);
    }
    return sections;
  }

  /// Whether a list is there and nothing in it.
  boolean isEmptyList(String key) {
    return find(key).orElse(null) instanceof Yaml.Sequence list && list.items().isEmpty();
  }

  /// A list of texts; empty if it cannot be read as a whole.
  Optional<List<String>> texts(String key) {
    return list(key, "need a list of texts", "need a text", Section::textOf);
  }

  /// A list out of a fixed set; empty if it cannot be read as a whole.
  <E extends Enum<E>> Optional<List<E>> choices(String key, Class<E> type) {
    var names = Words.namesOf(type);
    return list(
        key,
        "need a list out of " + names,
        "need one of " + names,
        scalar -> Words.named(type, textOf(scalar)));
  }

  /// Every key of this mapping with its text.
  Map<String, String> allTexts() {
    return all("need a text", Section::textOf);
  }

  /// Every key of this mapping with its count.
  Map<String, Long> allCounts() {
    return all("need a whole number", s -> typed(s, Yaml.Kind.INTEGER, Long::valueOf));
  }

  /// The one entry of a mapping that must have exactly one, out of `menu`.
  ///
  /// @param what the menu is of, in the plural
  <T> Optional<T> oneOf(String what, Map<String, Function<Section, T>> menu) {
    known.addAll(menu.keySet());
    var given = node.entries().keySet().stream().filter(menu::containsKey).toList();
    var rule =
        "need exactly one of the %s of this version: %s"
            .formatted(what, String.join(", ", menu.keySet()));
    if (given.size() == 1) {
      var key = given.getFirst();
      return section(key).map(section -> read(section, menu, key));
    }
    if (node.entries().isEmpty()) {
      mistakes.add(path, node, rule, "none");
    } else if (given.isEmpty()) {
      var first = node.entries().firstEntry().getValue().key();
      known.add(first.text());
      mistakes.add(path, first, rule + Words.meant(first.text(), menu.keySet()), first.shown());
    } else {
      mistakes.add(path, node, rule, String.join(" and ", given));
    }
    return Optional.empty();
  }

  private static <T> T read(Section section, Map<String, Function<Section, T>> menu, String key) {
    var reader = menu.get(key);
    if (reader == null) {
      throw new IllegalStateException(key);
    }
    var value = reader.apply(section);
    section.finish();
    return value;
  }

  /// Makes a value whose rules are its own. Each rule it refuses to break becomes a mistake at the
  /// key that the rule speaks of, and it is made again without that key, so that one wrong key does
  /// not hide the next.
  ///
  /// @return empty if it cannot be made even so
  <T> Optional<T> build(String subject, Supplier<T> make) {
    for (int left = node.entries().size(); left >= 0; left--) {
      try {
        return Optional.of(make.get());
      } catch (IllegalArgumentException e) {
        var culprit = broken(subject, e);
        if (culprit.isEmpty()) {
          return Optional.empty();
        }
        leftOut.add(culprit.get());
      }
    }
    return Optional.empty();
  }

  /// Reports what a record refused, at the key that it speaks of.
  ///
  /// @return that key; empty if it speaks of none that is here
  Optional<String> broken(String subject, IllegalArgumentException e) {
    var broken = Words.Broken.of(subject, String.valueOf(e.getMessage()));
    var culprit = broken.keyIn(node.entries().keySet(), leftOut);
    if (culprit.isEmpty()) {
      mistakes.add(path, node, broken.rule(), broken.value());
      return culprit;
    }
    var key = culprit.get();
    var value = entryOf(key).value();
    boolean shown =
        (broken.named().equals(key) || broken.named().endsWith("." + key))
            && !(value instanceof Yaml.Mapping);
    mistakes.add(
        pathOf(broken.named().startsWith(key + ".") ? broken.named() : key),
        value,
        broken.rule(),
        shown ? value.shown() : broken.value());
    return culprit;
  }

  /// Reports a mistake at a key, or at this mapping where the key is not there.
  void mistake(String key, String rule, String value) {
    mistakes.add(pathOf(key), placeOf(key), rule, value);
  }

  /// Reports a mistake of this mapping as a whole.
  void mistakeHere(String rule, String value) {
    mistakes.add(path, node, rule, value);
  }

  void missing(String key, String rule) {
    mistakes.add(pathOf(key), node, rule, "nothing");
  }

  void warn(String key, String rule, String value) {
    mistakes.warn(pathOf(key), placeOf(key), rule, value);
  }

  /// Says that keys are of no use here, where they are given.
  void refuse(String why, String... keys) {
    for (var key : keys) {
      find(key).ifPresent(value -> mistakes.add(pathOf(key), placeOf(key), why, value.shown()));
    }
  }

  /// Reports the keys that nobody asked for.
  void finish() {
    node.entries()
        .forEach(
            (key, entry) -> {
              if (!known.contains(key)) {
                mistakes.add(
                    pathOf(key),
                    entry.key(),
                    "unknown key" + Words.meant(key, known),
                    entry.key().shown());
              }
            });
  }

  private Yaml placeOf(String key) {
    var entry = node.entries().get(key);
    return entry == null ? node : entry.key();
  }

  private Yaml.Entry entryOf(String key) {
    var entry = node.entries().get(key);
    if (entry == null) {
      throw new IllegalStateException(key);
    }
    return entry;
  }

  private Optional<Yaml> find(String key) {
    known.add(key);
    return leftOut.contains(key)
        ? Optional.empty()
        : Optional.ofNullable(node.entries().get(key)).map(Yaml.Entry::value);
  }

  private <T> Optional<T> scalar(String key, String rule, Function<Yaml.Scalar, T> convert) {
    return find(key).flatMap(value -> convert(pathOf(key), value, rule, convert));
  }

  private <T> Optional<T> convert(
      String at, Yaml value, String rule, Function<Yaml.Scalar, T> convert) {
    if (value instanceof Yaml.Scalar scalar) {
      try {
        return Optional.of(convert.apply(scalar));
      } catch (IllegalArgumentException e) {
        // Falls through: the rule says what is needed.
      }
    }
    mistakes.add(at, value, rule, value.shown());
    return Optional.empty();
  }

  private Optional<Section> sectionOf(String at, Yaml value) {
    return switch (value) {
      case Yaml.Mapping mapping -> Optional.of(new Section(at, mapping, mistakes));
      case Yaml.Scalar(_, var kind, int line, int column) when kind == Yaml.Kind.NOTHING ->
          Optional.of(
              new Section(at, new Yaml.Mapping(new LinkedHashMap<>(), line, column), mistakes));
      case Yaml.Scalar _, Yaml.Sequence _ -> {
        mistakes.add(at, value, "need a mapping", value.shown());
        yield Optional.empty();
      }
    };
  }

  private <T> Optional<List<T>> list(
      String key, String rule, String ruleOfEach, Function<Yaml.Scalar, T> convert) {
    var list = new ArrayList<T>();
    var items = items(key, rule);
    for (int i = 0; i < items.size(); i++) {
      convert("%s[%d]".formatted(pathOf(key), i), items.get(i), ruleOfEach, convert)
          .ifPresent(list::add);
    }
    return find(key).orElse(null) instanceof Yaml.Sequence && list.size() == items.size()
        ? Optional.of(list)
        : Optional.empty();
  }

  private List<Yaml> items(String key, String rule) {
    return switch (find(key).orElse(null)) {
      case null -> List.of();
      case Yaml.Sequence(var items, _, _) -> items;
      case Yaml value -> {
        mistakes.add(pathOf(key), value, rule, value.shown());
        yield List.of();
      }
    };
  }

  private <T> Map<String, T> all(String rule, Function<Yaml.Scalar, T> convert) {
    var all = new LinkedHashMap<String, T>();
    for (var key : List.copyOf(node.entries().keySet())) {
      scalar(key, rule, convert).ifPresent(value -> all.put(key, value));
    }
    return all;
  }

  /// Any single value as it is written, so that `yes`, `5` and `1:30` need no quotes where a text
  /// is wanted.
  private static String textOf(Yaml.Scalar scalar) {
    if (scalar.kind() == Yaml.Kind.NOTHING) {
      throw new IllegalArgumentException("nothing");
    }
    return scalar.text();
  }

  private static boolean flagOf(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static <T> T typed(Yaml.Scalar scalar, Yaml.Kind kind, Function<String, T> convert) {
    if (scalar.kind() != kind) {
      throw new IllegalArgumentException(scalar.shown());
    }
    return convert.apply(scalar.text());
  }
}
