package io.microscale.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class CpuTimesTest {
  private static final String STAT =
      """
      cpu  1000 20 300 8000 500 10 70 100 999 888
      cpu0 500 10 150 4000 250 5 35 50 0 0
      intr 12345 0 0
      """;

  @Test
  void idleIsDoingNothingAndWaitingForDisksOfAllThatWasDone() {
    assertThat(CpuTimes.parse(STAT)).isEqualTo(new CpuTimes(8500, 10_000));
  }

  @Test
  void timeGivenToOthersIsNotIdle() {
    var later = CpuTimes.parse("cpu 1000 20 300 8060 500 10 70 140 0 0\n");
    assertThat(later.idlePercentSince(CpuTimes.parse(STAT))).hasValue(60.0);
  }

  @Test
  void withoutATickItIsUnknown() {
    var now = CpuTimes.parse(STAT);
    assertThat(now.idlePercentSince(now)).isEqualTo(OptionalDouble.empty());
  }

  /// The kernel says itself that the time waiting for disks may go back.
  @Test
  void countersThatGoBackGiveNoNonsense() {
    assertThat(new CpuTimes(90, 120).idlePercentSince(new CpuTimes(100, 100))).hasValue(0.0);
    assertThat(new CpuTimes(150, 120).idlePercentSince(new CpuTimes(100, 100))).hasValue(100.0);
  }

  @Test
  void otherTextsAreRefused() {
    for (var text :
        new String[] {"", "cpu", "cpu 1 2 3", "intr 1 2 3 4 5 6 7 8", "cpu a b c d e f g h"}) {
      assertThatIllegalArgumentException()
          .as(text)
          .isThrownBy(() -> CpuTimes.parse(text))
          .withMessageContaining("/proc/stat: need");
    }
  }
}
