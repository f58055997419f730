package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "2026-01-31T03:12:00Z, 2026-01-31T03:12:00Z",
    "2026-01-31T03:12:00+02:00, 2026-01-31T01:12:00Z",
    "2026-01-31T03:12, 2026-01-31T02:12:00Z",
    "03:12, 2026-01-31T02:12:00Z",
    "03:12:05.5, 2026-01-31T02:12:05.5Z",
    "23:59, 2026-01-30T22:59:00Z",
    "5m ago, 2026-01-31T11:55:00Z",
    "90s ago, 2026-01-31T11:58:30Z",
    "2h ago, 2026-01-31T10:00:00Z"
  })
  void pastAsPeopleWriteIt(String text, Instant instant) {
    assertThat(Times.past(text, NOON, BERLIN)).isEqualTo(instant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "yesterday", "25:00", "5m", "2026-01-31", "2026-13-01T00:00:00Z", "5d ago"})
  void whatIsNoTimeIsRefused(String text) {
    assertThatThrownBy(() -> Times.past(text, NOON, BERLIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("need a time such as")
        .hasMessageEndingWith("got '" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "PT0.085S, 85 ms",
    "PT3.21S, 3.2 s",
    "PT45S, 45 s",
    "PT4M10S, 4 min 10 s",
    "PT2H5M, 2 h 5 min",
    "PT-1S, 0 ms"
  })
  void spansInWords(Duration duration, String words) {
    assertThat(Times.span(duration)).isEqualTo(words);
  }

  @Test
  void theDateIsSaidOnlyWhereItIsNotToday() {
    assertThat(Times.local(NOON.minusSeconds(60), NOON, BERLIN)).isEqualTo("12:59:00.000");
    assertThat(Times.local(NOON.minusSeconds(86_400), NOON, BERLIN))
        .isEqualTo("2026-01-30 13:00:00.000");
  }

  @Test
  void whatATerminalWouldObeyIsNotPrinted() {
    assertThat(Times.printable("a\u001b[31mb\nc\u0007")).isEqualTo("a [31mb c ");
  }
}
