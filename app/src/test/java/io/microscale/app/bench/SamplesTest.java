package io.microscale.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
  @Test
  void theMedianIsTheMiddleOrTheMeanOfTheTwoThere() {
    assertThat(new Samples(List.of(9.0, 1.0, 2.0)).median()).isEqualTo(2.0);
    assertThat(new Samples(List.of(9.0, 1.0, 2.0, 4.0)).median()).isEqualTo(3.0);
    assertThat(new Samples(List.of(7.0)).median()).isEqualTo(7.0);
  }

  @Test
  void percentilesAreSamplesByNearestRank() {
    var twenty = new Samples(IntStream.rangeClosed(1, 20).mapToObj(i -> 21.0 - i).toList());
    assertThat(twenty.percentile(90)).isEqualTo(18.0);
    assertThat(twenty.percentile(91)).isEqualTo(19.0);
    assertThat(twenty.percentile(100)).isEqualTo(20.0).isEqualTo(twenty.max());
    assertThat(twenty.percentile(1)).isEqualTo(1.0).isEqualTo(twenty.min());
    assertThat(new Samples(List.of(3.0)).percentile(90)).isEqualTo(3.0);
  }

  @Test
  void badValuesAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Samples(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> new Samples(List.of(1.0, -1.0)));
    assertThatIllegalArgumentException().isThrownBy(() -> new Samples(List.of(Double.NaN)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Samples(List.of(1.0)).percentile(0))
        .withMessageContaining("need more than 0");
  }

  @Test
  void theDocumentHasAllOfIt() {
    var node = JsonNodeFactory.instance.objectNode();
    new Samples(List.of(3.0, 1.0, 2.00049)).putInto(node);
    assertThat(node)
        .hasToString(
            "{\"runs\":3,\"medianMillis\":2.0,\"p90Millis\":3.0,\"minMillis\":1.0,"
                + "\"maxMillis\":3.0,\"samplesMillis\":[3.0,1.0,2.0]}");
  }

  @Test
  void numbersAreShownToTheDigitThatMatters() {
    assertThat(Samples.shown(2.66)).isEqualTo("2.7");
    assertThat(Samples.shown(9.94)).isEqualTo("9.9");
    assertThat(Samples.shown(9.96)).isEqualTo("10");
    assertThat(Samples.shown(1585.4)).isEqualTo("1585");
  }
}
