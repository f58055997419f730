package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.Trigger;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.core.planning.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NoticesTest {
  private static final Instant T0 = Instant.parse("2026-01-31T12:00:00Z");
  private static final ServiceId WEB = new ServiceId("web");

  private final List<String> lines = new ArrayList<>();
  private final Notices notices =
      new Notices(line -> lines.add(line.replaceFirst("^2026-01-31T\\S+Z ", "")));

  @Test
  void blindnessIsSaidAndItsEnd() {
    notices.accept(passed(0));
    notices.accept(new LoopEvent.ObserveFailed(T0, Kind.UNAVAILABLE, "refused"));
    notices.accept(
        new LoopEvent.ObserveFailed(T0.plusSeconds(1), Kind.UNAVAILABLE, "no\u001b route"));
    notices.accept(passed(3));
    notices.accept(passed(4));
    assertThat(lines)
        .containsExactly(
            "blind: refused; nothing is changed until the orchestrator can be seen again",
            "blind: no  route; nothing is changed until the orchestrator can be seen again",
            "seeing again after 3.0 s");
  }

  @Test
  void missingReadingsAreSaidOnceAMinuteAndTheirEnd() {
    for (int second = 0; second < 90; second++) {
      notices.accept(reading(second, new Reading.Missing("timeout", T0)));
    }
    notices.accept(reading(90, new Reading.Value(1, T0)));
    notices.accept(reading(91, new Reading.Value(1, T0)));
    assertThat(lines)
        .containsExactly(
            "web: no reading of its demand: timeout",
            "web: no reading of its demand: timeout",
            "web: readings again after 90 s");
  }

  @Test
  void aFlickeringSourceIsNotANoisyOne() {
    for (int second = 0; second < 59; second++) {
      notices.accept(reading(second, new Reading.Missing("timeout", T0)));
      notices.accept(reading(second, new Reading.Value(1, T0)));
    }
    assertThat(lines)
        .containsExactly(
            "web: no reading of its demand: timeout", "web: readings again after 0 ms");
  }

  @Test
  void crashLoopsAreSaidOnceAMinute() {
    for (int second = 0; second < 90; second++) {
      var until = T0.plusSeconds(second + 2);
      notices.accept(
          observed(second, Map.of(WEB, new Backoff(until, "ended 3 times at once: exit 1"))));
    }
    assertThat(lines)
        .containsExactly(
            "web: starts nothing for 2.0 s: ended 3 times at once: exit 1",
            "web: starts nothing for 2.0 s: ended 3 times at once: exit 1");
  }

  private static LoopEvent passed(int second) {
    return new LoopEvent.Passed(
        T0.plusSeconds(second),
        T0.plusSeconds(second),
        1,
        Set.of(Trigger.READING),
        List.of(),
        Plan.EMPTY,
        Duration.ZERO);
  }

  private static LoopEvent reading(int second, Reading reading) {
    return new LoopEvent.ReadingTaken(T0.plusSeconds(second), WEB, reading, Optional.of(reading));
  }

  private static LoopEvent observed(int second, Map<ServiceId, Backoff> backoffs) {
    return new LoopEvent.Observed(
        T0.plusSeconds(second), false, List.of(), List.of(), List.of(), Standings.of(backoffs));
  }
}
