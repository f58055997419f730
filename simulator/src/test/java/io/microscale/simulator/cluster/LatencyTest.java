package io.microscale.simulator.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatencyTest {
  private static final int DRAWS = 20_000;

  private static double[] sortedMillis(Latency latency) {
    var random = new SplittableRandom(7);
    return LongStream.generate(() -> latency.draw(random))
        .limit(DRAWS)
        .mapToDouble(nanos -> nanos / 1e6)
        .sorted()
        .toArray();
  }

  @Test
  void aConstantIsAlwaysTheSame() {
    var draws = sortedMillis(Latency.ofMillis(20));
    assertThat(draws[0]).isEqualTo(20);
    assertThat(draws[DRAWS - 1]).isEqualTo(20);
  }

  @Test
  void anEvenOneFillsItsBounds() {
    var draws = sortedMillis(Latency.ofMillis(10, 30));
    assertThat(draws[0]).isCloseTo(10, within(0.1));
    assertThat(draws[DRAWS / 2]).isCloseTo(20, within(0.5));
    assertThat(draws[DRAWS - 1]).isCloseTo(30, within(0.1)).isLessThanOrEqualTo(30);
  }

  @Test
  void aLogNormalOneHasItsMedianAndItsTail() {
    var draws =
        sortedMillis(new Latency.LogNormal(Duration.ofMillis(400), Duration.ofMillis(1600)));
    assertThat(draws[DRAWS / 2]).isCloseTo(400, within(12.0));
    assertThat(draws[DRAWS * 99 / 100]).isCloseTo(1600, within(120.0));
    assertThat(draws[0]).isPositive();
  }

  @Test
  void aRecordedOneDrawsWhatWasMeasuredAndNothingElse() {
    var draws =
        sortedMillis(
            new Latency.Recorded(
                List.of(Duration.ofMillis(5), Duration.ofMillis(5), Duration.ofMillis(90))));
    assertThat(draws).containsOnly(5, 90);
    assertThat(draws[DRAWS * 6 / 10]).isEqualTo(5);
    assertThat(draws[DRAWS * 7 / 10]).isEqualTo(90);
  }

  @Test
  void onlyWhatIsAlwaysZeroIsNone() {
    assertThat(Latency.none().isNone()).isTrue();
    assertThat(Latency.ofMillis(0, 0).isNone()).isTrue();
    assertThat(new Latency.Recorded(List.of(Duration.ZERO)).isNone()).isTrue();
    assertThat(Latency.ofMillis(0, 1).isNone()).isFalse();
    assertThat(new Latency.LogNormal(Duration.ofNanos(1), Duration.ofNanos(1)).isNone()).isFalse();
  }

  @Test
  void impossibleOnesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Latency.ofMillis(-1))
        .withMessageContaining("constant: need 0 to PT24H, got PT-0.001S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Latency.ofMillis(20, 10))
        .withMessageContaining("need least <= most, got PT0.02S to PT0.01S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Latency.LogNormal(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .withMessageContaining("need 0 < median <= p99, got median=PT2S p99=PT1S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Latency.Recorded(List.of()))
        .withMessageContaining("need at least one measured value, got none");
  }
}
