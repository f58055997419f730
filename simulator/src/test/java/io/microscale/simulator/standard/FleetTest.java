package io.microscale.simulator.standard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FleetTest {
  private final Fleet fleet = new Fleet(3, 0);

  private void step(int step, int wanted) {
    fleet.begin(step);
    fleet.hold(step, wanted);
  }

  @Test
  void servesOneStartLatencyAfterItWasAskedFor() {
    step(1, 2);
    step(2, 2);
    step(3, 5);
    assertThat(fleet.ready()).isZero();
    assertThat(fleet.starting()).isEqualTo(5);
    step(4, 5);
    assertThat(fleet.ready()).isEqualTo(2);
    assertThat(fleet.starting()).isEqualTo(3);
    step(5, 5);
    step(6, 5);
    assertThat(fleet.ready()).isEqualTo(5);
    assertThat(fleet.starting()).isZero();
  }

  @Test
  void servesAtOnceWithoutStartLatency() {
    var quick = new Fleet(0, 1);
    quick.begin(1);
    quick.hold(1, 4);
    assertThat(quick.ready()).isEqualTo(4);
    quick.begin(2);
    quick.hold(2, 2);
    assertThat(quick.held()).isEqualTo(2);
  }

  @Test
  void youngestGoesFirstAndServingLast() {
    step(1, 2);
    step(2, 5);
    step(3, 9);
    step(4, 6); // gives up 3 of the 4 that were asked for at 3
    assertThat(fleet.ready()).isEqualTo(2);
    assertThat(fleet.starting()).isEqualTo(4);
    step(5, 6);
    assertThat(fleet.ready()).as("those of step 2 are left alone").isEqualTo(5);
    step(6, 6);
    assertThat(fleet.ready()).isEqualTo(6);
    step(7, 1);
    assertThat(fleet.ready()).isEqualTo(1);
    assertThat(fleet.held()).isEqualTo(1);
  }

  @Test
  void whatIsGivenUpWhileItStartsNeverServes() {
    step(1, 4);
    step(2, 1);
    for (int step = 3; step < 12; step++) {
      step(step, 1);
      assertThat(fleet.held()).isEqualTo(1);
    }
    assertThat(fleet.ready()).isEqualTo(1);
  }
}
