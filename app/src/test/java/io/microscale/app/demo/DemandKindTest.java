package io.microscale.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.microscale.core.demand.Generator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DemandKindTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"random", "wave", "step", "burst"})
  void theyMoveAndStayWithinThePool(String kind) {
    var values = minute(DemandKind.of(kind, 20, 1));
    assertThat(Arrays.stream(values).boxed()).allMatch(v -> v >= 0 && v <= 18);
    assertThat(IntStream.range(0, values.length).mapToDouble(i -> values[i]).distinct().count())
        .isGreaterThan(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "burst"})
  void theSeedDecides(String kind) {
    assertThat(minute(DemandKind.of(kind, 20, 1))).isEqualTo(minute(DemandKind.of(kind, 20, 1)));
    assertThat(minute(DemandKind.of(kind, 20, 1))).isNotEqualTo(minute(DemandKind.of(kind, 20, 2)));
  }

  @Test
  void aTraceIsScaledInHeightAndTime() throws IOException {
    var trace = DemandKind.of("trace:" + file("t_s,demand\n0,10\n3600,5\n7200,2\n"), 10, 1);
    assertThat(trace.valueAt(Duration.ZERO)).isEqualTo(9);
    assertThat(trace.valueAt(Duration.ofMillis(501))).isEqualTo(4.5);
    assertThat(trace.valueAt(Duration.ofMillis(1001))).isEqualTo(1.8);
    assertThat(trace.valueAt(Duration.ofMillis(1501))).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "flood|need random, wave, step, burst or trace:FILE, got 'flood'",
        "trace:none.csv|none.csv: no such file",
        "trace:.|.: cannot be read",
      })
  void whatIsNoneOfThemIsRefused(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DemandKind.of(text, 20, 1))
        .withMessageStartingWith(message);
  }

  @Test
  void aBadTraceIsRefusedWithItsLine() throws IOException {
    var file = file("t_s,demand\n0,1\n1,x\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DemandKind.of("trace:" + file, 20, 1))
        .withMessage(file + ": line 3: demand: need a number, got 'x'");
    var flat = file("t_s,demand\n0,0\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DemandKind.of("trace:" + flat, 20, 1))
        .withMessage(flat + ": need some demand above 0, got a peak of 0");
  }

  private static double[] minute(Generator generator) {
    return IntStream.range(0, 600)
        .mapToDouble(i -> generator.valueAt(Duration.ofMillis(i * 100L)))
        .toArray();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("trace.csv"), text);
  }
}
