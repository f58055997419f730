package io.microscale.orchestrators.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.core.model.Resources;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SizingTest {
  private static final Sizing CORES = new Sizing(OptionalLong.empty(), 4000);
  private static final Sizing SLOTS = new Sizing(OptionalLong.of(20), 4000);

  @Test
  void processorIsAHardLimitAndSlotsAreNone() {
    assertThat(CORES.milliCpu(Resources.cpuAndMemory(500, 1), 0)).isEqualTo(500);
    assertThat(CORES.milliCpu(Resources.cpuAndMemory(1, 1), 0)).isEqualTo(10);
    assertThat(SLOTS.milliCpu(Resources.slots(1), 0)).isZero();
    assertThat(SLOTS.milliCpu(Resources.slots(1), 300)).isEqualTo(300);
  }

  @Test
  void throttledSlotIsItsPartOfTheMachine() {
    var two = Resources.slots(2);
    assertThat(SLOTS.milliCpu(two, 0, Resources.slots(1))).isEqualTo(200);
    assertThat(SLOTS.milliCpu(two, 0, Resources.slots(0))).isEqualTo(10);
    assertThat(SLOTS.milliCpu(two, 150, Resources.slots(1))).isEqualTo(150);
    assertThat(SLOTS.milliCpu(two, 0, two)).isEqualTo(4000);
    assertThat(SLOTS.milliCpu(two, 300, two)).isEqualTo(300);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7})
  void whatIsFoundIsWhatWasAsked(int slots) {
    var full = Resources.slots(7);
    for (long limit : new long[] {0, 3000}) {
      var wanted = Resources.slots(slots);
      long now = SLOTS.milliCpu(full, limit, wanted);
      assertThat(SLOTS.found(full, limit, now, 0)).isEqualTo(wanted);
    }
    assertThat(SLOTS.found(full, 0, 0, 0)).isEqualTo(full);
    assertThat(SLOTS.found(full, 3000, 3000, 0)).isEqualTo(full);
  }

  @Test
  void changedLimitsOfAContainerAreFound() {
    var full = Resources.cpuAndMemory(500, 1 << 20);
    assertThat(CORES.found(full, 500, 500, 1 << 20)).isEqualTo(full);
    assertThat(CORES.found(full, 500, 200, 2 << 20))
        .isEqualTo(Resources.cpuAndMemory(200, 2 << 20));
    assertThat(CORES.found(Resources.cpuAndMemory(1, 5), 10, 10, 5))
        .isEqualTo(Resources.cpuAndMemory(1, 5));
  }

  @Test
  void labelIsReadAsItWasWritten() {
    var all = Resources.of(java.util.Map.of("cpu", 250L, "memory", 1L << 40, "a=b", 1L));
    assertThat(Sizing.written(all)).isEqualTo("a=b=1,cpu=250,memory=1099511627776");
    assertThat(Sizing.read(Sizing.written(all))).isEqualTo(all);
    assertThat(Sizing.read(Sizing.written(Resources.NONE))).isEqualTo(Resources.NONE);
    for (var bad : new String[] {"cpu", "=1", "cpu=x", "cpu=-1", "cpu=1,"}) {
      assertThatThrownBy(() -> Sizing.read(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
