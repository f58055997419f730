package io.microscale.app.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LongLinesTest {
  private static LongLines lines(String text, int longest) {
    return new LongLines(new ByteArrayInputStream(text.getBytes(UTF_8)), longest);
  }

  private static List<String> all(LongLines lines) throws IOException {
    var all = new ArrayList<String>();
    for (var line = lines.next(); line.isPresent(); line = lines.next()) {
      all.add(new String(line.get(), UTF_8));
    }
    return all;
  }

  @Test
  void linesOfAnyLengthAreGivenBack() throws IOException {
    var expected = new ArrayList<String>();
    for (int length : new int[] {0, 1, 65_535, 65_536, 65_537, 3, 200_000, 0}) {
      expected.add("x".repeat(length));
    }
    try (var lines = lines(String.join("\n", expected) + "\n", 200_000)) {
      assertThat(all(lines)).isEqualTo(expected);
      assertThat(lines.ended()).isTrue();
    }
  }

  @Test
  void aLastLineWithoutItsEndIsTold() throws IOException {
    try (var lines = lines("one\ntwo", 10)) {
      lines.next();
      assertThat(lines.ended()).isTrue();
      assertThat(lines.next()).contains("two".getBytes(UTF_8));
      assertThat(lines.ended()).isFalse();
      assertThat(lines.next()).isEmpty();
    }
  }

  @Test
  void aLineAboveTheBoundIsRefused() throws IOException {
    try (var lines = lines("x".repeat(100_000) + "\n", 99_999)) {
      assertThatExceptionOfType(LongLines.TooLongException.class).isThrownBy(lines::next);
    }
  }
}
