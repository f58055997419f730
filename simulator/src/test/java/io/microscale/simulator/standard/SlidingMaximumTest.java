package io.microscale.simulator.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlidingMaximumTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 50})
  void isTheLargestOfTheLastValues(int length) {
    var random = new SplittableRandom(length);
    var largest = new SlidingMaximum(length);
    var values = new double[400];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(20);
      double expected = 0;
      for (int back = 0; back < length && back <= i; back++) {
        expected = Math.max(expected, values[i - back]);
      }
      assertThat(largest.add(values[i])).as("value %d", i).isEqualTo(expected);
    }
  }

  @Test
  void emptyWindowIsRefused() {
    assertThatThrownBy(() -> new SlidingMaximum(0)).hasMessage("length: need >= 1, got 0");
  }
}
