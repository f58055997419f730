package io.microscale.app.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.loop.LoopEvent;
import io.microscale.server.EventJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Reads a file that a [Recorder] wrote, one line at a time, whatever its size.
///
/// The last line may be cut off, as an engine that is killed leaves it. Everything else that is not
/// as the recorder writes it is an error.
public final class RecordingReader implements AutoCloseable {
  private static final int LONGEST = 32 << 20;
  private static final ObjectMapper TREES =
      new ObjectMapper(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Path file;
  private final LongLines lines;
  private final boolean continues;
  private long number;

  /// What a line holds.
  public sealed interface Line {
    record Event(LoopEvent event) implements Line {}

    /// The recorder had to leave out so many events here.
    record Lost(long events) implements Line {}

    /// The last line is cut off.
    record CutOff() implements Line {}
  }

  private RecordingReader(Path file, LongLines lines) throws IOException, RecordingException {
    this.file = file;
    this.lines = lines;
    this.continues = header();
  }

  /// Opens a file and reads its first line.
  ///
  /// @throws RecordingException if it is not that of a recording, or of another format
  public static RecordingReader open(Path file) throws IOException, RecordingException {
    var lines = new LongLines(Files.newInputStream(file), LONGEST);
    try {
      return new RecordingReader(file, lines);
    } catch (IOException | RecordingException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  /// Whether the file goes on with the run of the file before.
  public boolean continues() {
    return continues;
  }

  /// The line that was read last, counted from 1, as `FILE:LINE`.
  public String place() {
    return file + ":" + number;
  }

  private boolean header() throws IOException, RecordingException {
    var line = line();
    if (line.isEmpty()) {
      throw new RecordingException(file + ":1", "need a recording, got an empty file");
    }
    var tree = tree(line.get());
    if (!tree.path("type").asText().equals(Recorder.TYPE)) {
      throw wrong("need the first line of a recording");
    }
    var format = tree.path("format");
    if (format.asInt() != Recorder.FORMAT) {
      throw wrong(
          "format: need %d, got %s"
              .formatted(Recorder.FORMAT, format.isMissingNode() ? "nothing" : format));
    }
    return tree.path("continues").asBoolean();
  }

  /// What the next line holds; empty at the end of the file.
  ///
  /// @throws RecordingException if no recorder wrote it
  public Optional<Line> next() throws IOException, RecordingException {
    var line = line();
    if (line.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse(tree(line.get())));
    } catch (RecordingException e) {
      if (lines.ended()) {
        throw e;
      }
      return Optional.of(new Line.CutOff());
    }
  }

  private Line parse(JsonNode tree) throws RecordingException {
    if (tree.path("type").asText().equals(Recorder.LOST)) {
      var events = tree.path("events");
      if (!events.canConvertToLong() || events.longValue() < 1) {
        throw wrong("events: need a whole number >= 1, got " + events);
      }
      return new Line.Lost(events.longValue());
    }
    try {
      return new Line.Event(EventJson.parse(tree));
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private Optional<byte[]> line() throws IOException, RecordingException {
    number++;
    try {
      return lines.next();
    } catch (LongLines.TooLongException e) {
      throw wrong("need at most %d MB in a line".formatted(LONGEST >> 20));
    }
  }

  private JsonNode tree(byte[] line) throws RecordingException {
    try {
      var tree = TREES.readTree(line);
      if (tree.isObject()) {
        return tree;
      }
    } catch (JsonProcessingException e) {
      throw wrong("need one JSON object: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw wrong("need one JSON object in UTF-8");
    }
    throw wrong("need one JSON object");
  }

  private RecordingException wrong(String rule) {
    return new RecordingException(place(), rule);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
