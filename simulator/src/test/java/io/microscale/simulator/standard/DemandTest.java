package io.microscale.simulator.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemandTest {
  @TempDir private Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("some-trace.csv"), text);
  }

  @Test
  void pointHoldsUntilTheNext() throws IOException {
    var demand = Demand.read(file("t_s,demand\n10,1.5\n11,2\n14,3\n"));
    assertThat(demand.name()).isEqualTo("some-trace");
    assertThat(demand.length()).isEqualTo(5);
    assertThat(new double[] {demand.at(0), demand.at(1), demand.at(2), demand.at(3), demand.at(4)})
        .containsExactly(1.5, 2, 2, 2, 3);
  }

  @Test
  void mistakesNameFileAndLine() throws IOException {
    var wrong = file("t_s,demand\n0,1\n1,-1\n");
    assertThatThrownBy(() -> Demand.read(wrong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(wrong + ": line 3: demand: need a finite number >= 0, got '-1'");
    var broken = file("t_s,demand\n0,1\n1.5,1\n");
    assertThatThrownBy(() -> Demand.read(broken))
        .hasMessage(broken + ": t_s: need whole seconds, got 1.5");
    var endless = file("t_s,demand\n0,1\n9000000000,1\n");
    assertThatThrownBy(() -> Demand.read(endless))
        .hasMessage(endless + ": need at most 5000000 seconds, got 9.000000001E9");
  }

  @Test
  void onlyFiniteNumbersFromZeroOnAreDemand() {
    assertThatThrownBy(() -> Demand.of("x")).hasMessage("x: need 1 to 5000000 steps, got 0");
    assertThatThrownBy(() -> Demand.of("x", 1, -0.5))
        .hasMessage("x: step 1: need a finite number >= 0, got -0.5");
    assertThatThrownBy(() -> Demand.of("x", Double.NaN))
        .hasMessage("x: step 0: need a finite number >= 0, got NaN");
  }

  @Test
  void scaledPeakIsExact() {
    var scaled = Demand.of("x", 0.1, 0.3, 0.7).scaledToPeak(100);
    assertThat(scaled.peak()).isEqualTo(100);
    assertThat(scaled.at(2)).isEqualTo(100);
    assertThat(Demand.of("zero", 0, 0).scaledToPeak(100).peak()).isZero();
  }

  @Test
  void laterChangesOfTheArrayDoNotReachIt() {
    double[] values = {1, 2};
    var demand = Demand.of("x", values);
    values[0] = 9;
    assertThat(demand.at(0)).isEqualTo(1);
  }
}
