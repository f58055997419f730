package io.microscale.orchestrators.docker.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.ServiceId;
import io.microscale.orchestrators.docker.swarm.Portions.Rise;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PortionsTest {
  private static final ServiceId A = new ServiceId("a");
  private static final ServiceId B = new ServiceId("b");

  @Test
  void riseIsToldAsFarAsMayStart() {
    assertThat(Portions.next(Map.of(A, new Rise(20, 1)), 6)).isEqualTo(Map.of(A, 7));
    assertThat(Portions.next(Map.of(A, new Rise(3, 1)), 6)).isEqualTo(Map.of(A, 3));
  }

  @Test
  void nothingIsToldWhileEnoughAreOnTheirWay() {
    assertThat(Portions.next(Map.of(A, new Rise(20, 1)), 0)).isEmpty();
    assertThat(Portions.next(Map.of(A, new Rise(20, 1)), -3)).isEmpty();
  }

  @Test
  void fallsAndWhatIsThereAreNotRises() {
    assertThat(Portions.next(Map.of(A, new Rise(1, 5), B, new Rise(2, 2)), 9)).isEmpty();
  }

  @Test
  void servicesRiseInTurn() {
    assertThat(Portions.next(Map.of(A, new Rise(20, 0), B, new Rise(20, 4)), 5))
        .isEqualTo(Map.of(A, 3, B, 6));
    assertThat(Portions.next(Map.of(A, new Rise(1, 0), B, new Rise(20, 4)), 5))
        .isEqualTo(Map.of(A, 1, B, 8));
  }

  @Test
  void quickNodesGetMoreAtOnce() {
    long second = Duration.ofSeconds(1).toNanos();
    var pace = new StartPace();
    assertThat(pace.atOnce(3)).as("not known yet").isEqualTo(9);
    for (int i = 1; i <= 8; i++) {
      pace.started((i - 1) * second, i * second);
    }
    assertThat(pace.atOnce(3)).as("one a second").isEqualTo(7);
    for (int i = 1; i <= 8; i++) {
      pace.started(60 * second, 61 * second + i * second / 8);
    }
    assertThat(pace.atOnce(3)).as("eight in two seconds").isEqualTo(8);
    for (int i = 1; i <= 8; i++) {
      pace.started(90 * second, 90 * second + i * second / 50);
    }
    assertThat(pace.atOnce(3)).as("fifty a second").isEqualTo(12);
    assertThat(pace.atOnce(0)).as("no node that takes any: Swarm queues").isEqualTo(4);
  }

  @Test
  void fallWaitsForWhatIsBeingStartedButNotForEver() {
    long second = Duration.ofSeconds(1).toNanos();
    var scaled = new Scaled(5, 0);
    assertThat(scaled.isToFall(false, 0)).isFalse();
    scaled.aim(2, second);
    assertThat(scaled.isToFall(false, second)).isTrue();
    assertThat(scaled.isToFall(true, second)).isFalse();
    scaled.aim(1, 2 * second);
    assertThat(scaled.isToFall(true, 4 * second)).as("from the first fall on").isTrue();
    scaled.told(1, 4 * second);
    assertThat(scaled.isToFall(false, 4 * second)).isFalse();
  }
}
