package io.microscale.app.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/// A YAML document in which every part knows where it stands: what Jackson's own tree does not
/// keep, and what errors need.
///
/// `line` and `column` count from 1. An alias is the part that its anchor names.
sealed interface Yaml {
  int line();

  int column();

  /// The same, as if all of it stood at one place.
  default Yaml at(int line, int column) {
    return switch (this) {
      case Scalar(var text, var kind, _, _) -> new Scalar(text, kind, line, column);
      case Sequence(var items, _, _) ->
          new Sequence(items.stream().map(item -> item.at(line, column)).toList(), line, column);
      case Mapping(var entries, _, _) -> {
        var moved = new LinkedHashMap<String, Entry>();
        entries.forEach(
            (name, entry) ->
                moved.put(
                    name,
                    new Entry(
                        new Scalar(entry.key().text(), entry.key().kind(), line, column),
                        entry.value().at(line, column))));
        yield new Mapping(moved, line, column);
      }
    };
  }

  /// As it may be shown in an error.
  String shown();

  enum Kind {
    TEXT,
    INTEGER,
    DECIMAL,
    FLAG,
    NOTHING
  }

  /// A single value, as written.
  record Scalar(String text, Kind kind, int line, int column) implements Yaml {
    @Override
    public String shown() {
      return switch (kind) {
        case NOTHING -> "nothing";
        case TEXT -> "'" + text + "'";
        case INTEGER, DECIMAL, FLAG -> text;
      };
    }
  }

  record Sequence(List<Yaml> items, int line, int column) implements Yaml {
    @Override
    public String shown() {
      return items.stream().allMatch(Scalar.class::isInstance)
          ? items.stream().map(Yaml::shown).collect(Collectors.joining(", ", "[", "]"))
          : "a list";
    }
  }

  /// Keys in the order of the document.
  record Mapping(SequencedMap<String, Entry> entries, int line, int column) implements Yaml {
    @Override
    public String shown() {
      return "a mapping";
    }
  }

  /// One key with its value.
  ///
  /// @param key with the place where it stands
  record Entry(Scalar key, Yaml value) {}

  /// Reads the one document of `text`. Syntax errors and keys given twice go to `mistakes`.
  ///
  /// Empty if there is no document or it is no YAML.
  static Optional<Yaml> parse(String text, Mistakes mistakes) {
    try (var parser = new YAMLFactory().createParser(text)) {
      if (parser.nextToken() == null) {
        return Optional.empty();
      }
      var reading = new Reading(parser, mistakes, new HashMap<>());
      var document = reading.part("");
      if (parser.nextToken() != null) {
        mistakes.add("", reading.here(), "need one YAML document", "a second one");
      }
      return Optional.of(document);
    } catch (JsonProcessingException e) {
      mistakes.add("", Reading.placeOf(e), "need YAML: " + Reading.problemOf(e), "");
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// One walk over the tokens of a document.
  record Reading(YAMLParser parser, Mistakes mistakes, Map<String, Yaml> anchors) {
    private Yaml part(String path) throws IOException {
      var anchor = parser.getObjectId();
      if (parser.isCurrentAlias()) {
        var alias = here();
        // An anchor is known once its part is complete, so a part cannot contain itself.
        var target = anchors.get(parser.getText());
        if (target == null) {
          mistakes.add(path, alias, "need an anchor that stands above", "*" + parser.getText());
          return alias;
        }
        return target;
      }
      var part =
          switch (parser.currentToken()) {
            case START_OBJECT -> mapping(path);
            case START_ARRAY -> sequence(path);
            case VALUE_NUMBER_INT -> scalar(Kind.INTEGER);
            case VALUE_NUMBER_FLOAT -> scalar(Kind.DECIMAL);
            case VALUE_TRUE, VALUE_FALSE -> scalar(Kind.FLAG);
            case VALUE_NULL -> scalar(Kind.NOTHING);
            default -> scalar(Kind.TEXT);
          };
      if (anchor != null) {
        anchors.put(anchor, part);
      }
      return part;
    }

    private Mapping mapping(String path) throws IOException {
      var start = here();
      var entries = new LinkedHashMap<String, Entry>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        var key = scalar(Kind.TEXT);
        parser.nextToken();
        var below = path.isEmpty() ? key.text() : path + "." + key.text();
        var entry = new Entry(key, part(below));
        var before = entries.putIfAbsent(key.text(), entry);
        if (before != null) {
          mistakes.add(
              below,
              key,
              "need each key once; it is given in line %d too".formatted(before.key().line()),
              "");
        }
      }
      return new Mapping(entries, start.line(), start.column());
    }

    private Sequence sequence(String path) throws IOException {
      var start = here();
      var items = new ArrayList<Yaml>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(part("%s[%d]".formatted(path, items.size())));
      }
      return new Sequence(items, start.line(), start.column());
    }

    private Scalar scalar(Kind kind) throws IOException {
      var at = here();
      return new Scalar(parser.getText(), kind, at.line(), at.column());
    }

    private Scalar here() {
      var at = parser.currentTokenLocation();
      return new Scalar("", Kind.NOTHING, at.getLineNr(), at.getColumnNr());
    }

    private static Scalar placeOf(JsonProcessingException e) {
      if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
        var mark = marked.getProblemMark();
        return new Scalar("", Kind.NOTHING, mark.getLine() + 1, mark.getColumn() + 1);
      }
      var at = e.getLocation();
      return at == null
          ? new Scalar("", Kind.NOTHING, 1, 1)
          : new Scalar(
              "", Kind.NOTHING, Math.max(1, at.getLineNr()), Math.max(1, at.getColumnNr()));
    }

    private static String problemOf(JsonProcessingException e) {
      return e.getCause() instanceof MarkedYAMLException marked && marked.getProblem() != null
          ? marked.getProblem()
          : e.getOriginalMessage();
    }
  }
}
