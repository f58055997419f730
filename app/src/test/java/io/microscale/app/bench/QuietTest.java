package io.microscale.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuietTest {
  private final List<Duration> slept = new ArrayList<>();

  @Test
  void itWaitsUntilAWindowIsQuietAndSaysHowQuiet() throws Exception {
    assertThat(quiet(List.of(10, 40, 95, 20)).await()).hasValue(95.0);
    assertThat(slept).hasSize(3).allMatch(Duration.ofSeconds(1)::equals);
  }

  @Test
  void exactlyTheLimitIsQuiet() throws Exception {
    assertThat(quiet(List.of(89, 90)).await()).hasValue(90.0);
  }

  @Test
  void itGivesUpInTimeAndSaysHowBusyItStillWas() throws Exception {
    assertThat(quiet(IntStream.range(0, 1000).map(i -> 30).boxed().toList()).await())
        .hasValue(30.0);
    assertThat(slept).hasSize(60);
  }

  @Test
  void aGapIsShortAndBounded() throws Exception {
    assertThat(quiet(List.of(100)).gap()).hasValue(100.0);
    assertThat(slept).containsExactly(Duration.ofMillis(200));
    slept.clear();
    quiet(IntStream.range(0, 1000).map(i -> 0).boxed().toList()).gap();
    assertThat(slept).hasSize(15);
  }

  @Test
  void whereNothingIsToldItOnlyWaits() throws Exception {
    var unreadable =
        new Quiet(
            90,
            Duration.ofMinutes(1),
            () -> {
              throw new IOException("no such file");
            },
            slept::add);
    assertThat(unreadable.await()).isEqualTo(OptionalDouble.empty());
    assertThat(new Quiet(90, Duration.ofMinutes(1), () -> "something else", slept::add).gap())
        .isEmpty();
    assertThat(slept).hasSize(2);
  }

  @Test
  void aLimitIsAPercentage() {
    for (double limit : new double[] {-1, 101, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Quiet.here(limit, Duration.ofMinutes(1)))
          .withMessageContaining("0 to 100");
    }
  }

  @Test
  void howQuietItWasIsSummedUp() {
    var collector = new Idle.Collector();
    collector.add(OptionalDouble.of(100));
    collector.add(OptionalDouble.empty());
    collector.add(OptionalDouble.of(80));
    var idle = collector.idle();
    assertThat(idle.mean()).hasValue(90.0);
    assertThat(idle.lowest()).hasValue(80.0);
    assertThat(idle.below(90)).isEqualTo(1);
    assertThat(new Idle(List.of()).mean()).isEmpty();
  }

  /// A machine that is idle for so many percent of each window, one after the other.
  private Quiet quiet(List<Integer> idlePercents) {
    var windows = new Windows(idlePercents.iterator());
    return new Quiet(
        90,
        Duration.ofMinutes(1),
        windows::stat,
        time -> {
          slept.add(time);
          windows.pass();
        });
  }

  private static final class Windows {
    private final Iterator<Integer> idlePercents;
    private int idle;
    private int all;

    Windows(Iterator<Integer> idlePercents) {
      this.idlePercents = idlePercents;
    }

    void pass() {
      idle += idlePercents.next();
      all += 100;
    }

    String stat() {
      return "cpu  %d 0 0 %d 0 0 0 0 0 0\n".formatted(all - idle, idle);
    }
  }
}
