package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
  @Test
  void theSizeIsWhatTheTerminalSays() {
    assertThat(Terminal.parse("50 132\n", Map.of())).isEqualTo(new Terminal(132, 50));
  }

  @Test
  void theEnvironmentHasTheLastWord() {
    assertThat(Terminal.parse("50 132\n", Map.of("COLUMNS", "60", "LINES", "10")))
        .isEqualTo(new Terminal(60, 10));
  }

  @Test
  void whatIsUnknownIsTheUsualSize() {
    assertThat(Terminal.parse("0 0\n", Map.of("COLUMNS", "wide"))).isEqualTo(new Terminal(80, 24));
    assertThat(Terminal.parse("", Map.of())).isEqualTo(new Terminal(80, 24));
  }

  @Test
  void aTerminalThatCanOnlyPrintIsNone() {
    assertThat(Terminal.look(Map.of("TERM", "dumb"))).isEmpty();
    assertThat(Terminal.look(Map.of())).isEmpty();
  }
}
