package io.microscale.app;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.ServiceId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Says in a line each what an operator has to know of a running engine and nothing more: that it
/// cannot see its orchestrator, that a service's replicas do not stay up, that a demand is unknown.
/// What repeats is said at most once a minute for each service.
final class Notices implements Consumer<LoopEvent> {
  private static final Duration QUIET = Duration.ofMinutes(1);

  private final Consumer<String> lines;
  private final Map<ServiceId, Instant> missingSaid = new HashMap<>();
  private final Map<ServiceId, Instant> backoffSaid = new HashMap<>();
  private final Map<ServiceId, Instant> missingSince = new HashMap<>();
  private Map<ServiceId, Backoff> backoffs = Map.of();
  private Optional<Instant> blindSince = Optional.empty();

  /// @param lines takes a line without waiting
  Notices(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public void accept(LoopEvent event) {
    switch (event) {
      case LoopEvent.ObserveFailed(var at, _, var message) -> {
        if (blindSince.isEmpty()) {
          blindSince = Optional.of(at);
        }
        say(
            at,
            "blind: %s; nothing is changed until the orchestrator can be seen again"
                .formatted(message));
      }
      case LoopEvent.Passed passed -> {
        blindSince.ifPresent(
            since -> say(passed.at(), "seeing again after " + Times.span(since, passed.at())));
        blindSince = Optional.empty();
      }
      case LoopEvent.Observed observed -> backoffs(observed);
      case LoopEvent.ReadingTaken(var at, var service, Reading.Missing(var why, _), _) -> {
        missingSince.putIfAbsent(service, at);
        if (isDue(missingSaid, service, at)) {
          say(at, "%s: no reading of its demand: %s".formatted(service, why));
        }
      }
      case LoopEvent.ReadingTaken(var at, var service, Reading.Value _, _) -> {
        var since = missingSince.remove(service);
        if (since != null && isSaidSince(service, since)) {
          say(at, "%s: readings again after %s".formatted(service, Times.span(since, at)));
        }
      }
      case LoopEvent.Started _,
          LoopEvent.Overridden _,
          LoopEvent.ActionEnded _,
          LoopEvent.Reacted _,
          LoopEvent.WorkReported _,
          LoopEvent.Stopped _ -> {}
    }
  }

  private void backoffs(LoopEvent.Observed observed) {
    observed
        .standings()
        .backoffs()
        .forEach(
            (service, backoff) -> {
              if (!backoff.equals(backoffs.get(service))
                  && isDue(backoffSaid, service, observed.at())) {
                say(
                    observed.at(),
                    "%s: starts nothing for %s: %s"
                        .formatted(
                            service, Times.span(observed.at(), backoff.until()), backoff.reason()));
              }
            });
    backoffs = observed.standings().backoffs();
  }

  private boolean isSaidSince(ServiceId service, Instant since) {
    var said = missingSaid.get(service);
    return said != null && !said.isBefore(since);
  }

  private static boolean isDue(Map<ServiceId, Instant> said, ServiceId service, Instant now) {
    var last = said.get(service);
    if (last != null && now.isBefore(last.plus(QUIET))) {
      return false;
    }
    said.put(service, now);
    return true;
  }

  private void say(Instant at, String line) {
    lines.accept(line(at, line));
  }

  /// A line with its time, and with nothing in it that a terminal would obey.
  static String line(Instant at, String text) {
    return at.truncatedTo(ChronoUnit.SECONDS) + " " + Times.printable(text);
  }
}
