package io.microscale.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.microscale.core.loop.LoopEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EventJsonTest {
  static LongStream seeds() {
    return LongStream.range(0, 40);
  }

  private static String line(LoopEvent event) {
    return new String(EventJson.bytes(event), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatIsWrittenIsReadBackAndAsDescribed(long seed) {
    var events = new RandomEvents(seed);
    for (int i = 0; i < 50; i++) {
      var event = events.next();
      var line = line(event);
      assertThat(line).doesNotContain("\n");
      assertThat(EventJson.parse(line)).isEqualTo(event);
      Description.check("LoopEvent", line);
    }
  }

  @Test
  void everyKindOfEventWasTried() {
    var types = new TreeSet<String>();
    seeds()
        .forEach(
            seed -> {
              var events = new RandomEvents(seed);
              for (int i = 0; i < 50; i++) {
                types.add(EventJson.type(events.next()));
              }
            });
    assertThat(types).hasSize(LoopEvent.class.getPermittedSubclasses().length);
  }

  @Test
  void instantsKeepNanoseconds() {
    var event = new LoopEvent.Stopped(Instant.parse("2026-03-01T03:12:00.123456789Z"), "closed");
    assertThat(line(event))
        .isEqualTo(
            "{\"v\":1,\"type\":\"stopped\",\"at\":\"2026-03-01T03:12:00.123456789Z\",\"reason\":\"closed\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"v":2,"type":"stopped","at":"2026-03-01T03:12:00Z","reason":""}   | v: need version 1, got 2
          {"type":"stopped"}                                                 | v: need a whole number, got nothing
          {"v":1,"type":"exploded","at":"2026-03-01T03:12:00Z"}              | type: need a type of event, got "exploded"
          {"v":1,"type":"stopped","at":"noon","reason":""}                   | at: need an instant
          {"v":1,"type":"stopped","at":"2026-03-01T03:12:00Z"}               | reason: need a text, got nothing
          {"v":1,"type":"passed","at":"2026-03-01T03:12:00Z","observed":"2026-03-01T03:12:00Z","number":1,"triggers":["rain"]} | triggers[0]: need one of [started
          {"v":1,"type":"action","at":"2026-03-01T03:12:00Z","action":{"verb":"start","service":"web"}} | action.replica: need a text, got nothing
          not json                                                           | event: need one JSON object
          """)
  void badLinesNameThePlaceAndTheRule(String line, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EventJson.parse(line))
        .withMessageStartingWith(message);
  }
}
