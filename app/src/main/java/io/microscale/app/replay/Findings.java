package io.microscale.app.replay;

import io.microscale.core.loop.Decision;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.RerunDifference;
import io.microscale.core.loop.RerunPass;
import io.microscale.core.model.ServiceId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What came of deciding again, in bounded space.
final class Findings {
  private static final int MOST_SHOWN = 5;
  private static final int MOST_DIFFERENCES = 40;
  private static final int MOST_GAPS = 100;

  private final boolean otherSettings;
  private final List<Shown> shown = new ArrayList<>();
  private final List<Gap> gaps = new ArrayList<>();
  private final List<Path> cutOff = new ArrayList<>();
  private final SortedMap<ServiceId, ServiceTally> services = new TreeMap<>();
  private LoopEvent.@Nullable Started started;
  private @Nullable Instant lastPass;
  private @Nullable Gap gap;
  private List<RerunDifference> lastDifferences = List.of();
  private Duration time = Duration.ZERO;
  private long runs;
  private long passes;
  private long different;
  private long differentActions;
  private long moreGaps;

  /// A pass that came out otherwise, in a way that the one before it did not.
  ///
  /// @param place as `FILE:LINE`
  record Shown(String place, long number, Instant at, List<RerunDifference> differences) {}

  /// @param otherSettings whether settings are other than those recorded. Then reasons do not count
  Findings(boolean otherSettings) {
    this.otherSettings = otherSettings;
  }

  void started(LoopEvent.Started event) {
    if (!event.equals(started)) {
      started = event;
      runs++;
      lastPass = null;
      gap = null;
      lastDifferences = List.of();
    }
  }

  void cutOff(Path file) {
    cutOff.add(file);
  }

  /// From here on it is not known what the engine remembered.
  void gap(String why, String place) {
    if (gap != null && gap.passes() == 0) {
      return; // told already
    }
    gap = new Gap(why, place);
    lastPass = null;
    if (gaps.size() < MOST_GAPS) {
      gaps.add(gap);
    } else {
      moreGaps++;
    }
  }

  /// @param before the number of the pass before in the same run, 0 if there is none
  void take(RerunPass pass, long before, String place) {
    long number = pass.recorded().number();
    if (number != before + 1) {
      gap(
          number == before + 2
              ? "pass %d is not there".formatted(before + 1)
              : "passes %d to %d are not there".formatted(before + 1, number - 1),
          place);
    }
    passes++;
    if (gap != null) {
      gap.take(pass);
    }
    tally(pass);
    if (!pass.sameActions()) {
      differentActions++;
    }
    var differences = otherSettings ? pass.effects() : pass.differences();
    if (!differences.isEmpty()) {
      different++;
      show(pass, differences, place);
    }
    lastDifferences = differences;
  }

  private void tally(RerunPass pass) {
    var at = pass.recorded().at();
    if (lastPass != null) {
      var since = Duration.between(lastPass, at);
      time = time.plus(since);
      services.values().forEach(tally -> tally.last(since.toNanos() / 1e9));
    }
    lastPass = at;
    Map<ServiceId, Decision> again =
        pass.decisions().stream().collect(Collectors.toMap(Decision::service, Function.identity()));
    for (var recorded : pass.recorded().decisions()) {
      var now = again.get(recorded.service());
      if (now != null) {
        services.computeIfAbsent(recorded.service(), _ -> new ServiceTally()).take(recorded, now);
      }
    }
  }

  private void show(RerunPass pass, List<RerunDifference> differences, String place) {
    if (shown.size() < MOST_SHOWN && !differences.equals(lastDifferences)) {
      shown.add(
          new Shown(
              place,
              pass.recorded().number(),
              pass.recorded().at(),
              differences.stream().limit(MOST_DIFFERENCES).toList()));
    }
  }

  boolean otherSettings() {
    return otherSettings;
  }

  /// The run that was read last.
  Optional<LoopEvent.Started> started() {
    return Optional.ofNullable(started);
  }

  long runs() {
    return runs;
  }

  long passes() {
    return passes;
  }

  /// Passes that came out otherwise.
  long different() {
    return different;
  }

  /// Passes that would have asked otherwise of the orchestrator.
  long differentActions() {
    return differentActions;
  }

  /// From the first pass to the last of each run, gaps left out.
  Duration time() {
    return time;
  }

  /// The first ones that came out otherwise.
  List<Shown> shown() {
    return List.copyOf(shown);
  }

  /// Those after which there were passes.
  List<Gap> gaps() {
    return gaps.stream().filter(g -> g.passes() > 0).toList();
  }

  /// Gaps beyond those of [#gaps].
  long moreGaps() {
    return moreGaps;
  }

  /// The files whose last line is cut off.
  List<Path> cutOff() {
    return List.copyOf(cutOff);
  }

  SortedMap<ServiceId, ServiceTally> services() {
    return services;
  }
}
