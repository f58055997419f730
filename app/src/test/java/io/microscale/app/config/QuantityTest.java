package io.microscale.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
  @ParameterizedTest
  @CsvSource({
    "500m, 500",
    "2, 2000",
    "0.5, 500",
    "1.25, 1250",
    "0, 0",
    "1k, 1000000",
    "1e1, 10000"
  })
  void coresAsKubernetesWritesThem(String text, long milliCores) {
    assertThat(Quantity.milliCores(text)).isEqualTo(milliCores);
  }

  @ParameterizedTest
  @CsvSource({
    "256Mi, 268435456",
    "1Gi, 1073741824",
    "0.5Gi, 536870912",
    "1500, 1500",
    "1M, 1000000",
    "3k, 3000",
    "2Ki, 2048",
    "1T, 1000000000000",
    "8Ti, 8796093022208",
    "1e9, 1000000000",
    "2000m, 2"
  })
  void bytesAsKubernetesWritesThem(String text, long bytes) {
    assertThat(Quantity.bytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "x", "-1", "1 Gi", "1gi", "1GB", "0x10", "1.5", "1m", "9Ti", "1e99", "1e", ".5", "NaN",
        "１"
      })
  void whatIsNoNumberOfBytesIsRefused(String text) {
    assertThatThrownBy(() -> Quantity.bytes(text)).isInstanceOf(NumberFormatException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0001", "1u", "half", "1/2"})
  void whatIsNoNumberOfThousandthsIsRefused(String text) {
    assertThatThrownBy(() -> Quantity.milliCores(text)).isInstanceOf(NumberFormatException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "30s, PT30S",
    "250ms, PT0.25S",
    "1m30s, PT1M30S",
    "1.5s, PT1.5S",
    "2h, PT2H",
    "100us, PT0.0001S",
    "0, PT0S",
    "0s, PT0S",
    "8760h, PT8760H"
  })
  void durationsWithUnits(String text, Duration duration) {
    assertThat(Quantity.duration(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "30", "-5s", "1 s", "s", "1d", "8761h", "5S", "1s2", "9999999999s", "PT5S"})
  void whatIsNoDurationIsRefused(String text) {
    assertThatThrownBy(() -> Quantity.duration(text)).isInstanceOf(NumberFormatException.class);
  }
}
