package io.microscale.core.loop;

import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.planning.PlanMemory;
import io.microscale.core.planning.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Makes every pass of a recorded run again, from the same readings, snapshots and answers, with
/// the settings of then or with others.
///
/// The world of a recording has answered to what was decided then. So whenever a pass comes out
/// otherwise, the next one is made as if the recorded steps had been taken: what is in flight, the
/// stop budget, the times to ready and the names of replicas follow the recording, while claims
/// follow what is decided now. With the settings of then, passes that all come out the same have
/// proven every decision; with others, each tells what would have been decided with what was seen.
///
/// Takes events one at a time and keeps the state of one run. Not thread-safe.
public final class Rerun {
  private final Optional<PoolSpec> settings;
  private @Nullable Run run;
  private boolean gap;

  private Rerun(Optional<PoolSpec> settings) {
    this.settings = settings;
  }

  /// With the settings that are recorded.
  public static Rerun asRecorded() {
    return new Rerun(Optional.empty());
  }

  /// With other settings of the same services.
  public static Rerun with(PoolSpec settings) {
    return new Rerun(Optional.of(settings));
  }

  /// Events are missing here: what the engine remembers is not known from now on.
  public void miss() {
    gap = true;
  }

  /// Takes in the next event.
  ///
  /// @return the pass made again, if the event is that of a pass
  /// @throws IllegalArgumentException if the event does not fit those before, or the services are
  ///   not those of the settings
  public Optional<RerunPass> take(LoopEvent event) {
    if (event instanceof LoopEvent.Started started) {
      // A later file of a run begins with the start of that run.
      if (run == null || !run.started.equals(started)) {
        run = new Run(started, settings);
        gap = false;
      }
      return Optional.empty();
    }
    var current = run;
    if (current == null) {
      throw new IllegalArgumentException("type: need the event of a start first");
    }
    if (gap) {
      current.known = false;
      current.givenUp.clear();
      gap = false;
    }
    return current.take(event);
  }

  /// The number of the last pass of the present run, 0 before its first.
  public long passes() {
    return run == null ? 0 : run.passes;
  }

  private static final class Run {
    final LoopEvent.Started started;
    final Knowledge knowledge;
    final RecordedWorld world = new RecordedWorld();
    final List<Action> givenUp = new ArrayList<>();
    boolean known = true;
    private boolean following;
    private long passes;

    Run(LoopEvent.Started started, Optional<PoolSpec> settings) {
      this.started = started;
      settings.ifPresent(other -> requireSameServices(started.pool(), other));
      this.following = settings.isPresent();
      this.knowledge =
          new Knowledge(
              settings.orElse(started.pool()), started.abilities(), started.dryRun(), started.at());
    }

    private static void requireSameServices(PoolSpec recorded, PoolSpec other) {
      var then = names(recorded);
      var now = names(other);
      if (!then.equals(now)) {
        throw new IllegalArgumentException(
            "services: need those of the recording, %s, got %s".formatted(then, now));
      }
    }

    private static Set<ServiceId> names(PoolSpec pool) {
      return pool.services().stream()
          .map(ServiceSpec::id)
          .collect(Collectors.toCollection(TreeSet::new));
    }

    Optional<RerunPass> take(LoopEvent event) {
      switch (event) {
        case LoopEvent.ReadingTaken taken ->
            taken.source().ifPresent(reading -> knowledge.read(taken.service(), reading));
        case LoopEvent.Overridden set -> knowledge.override(set.service(), set.override());
        case LoopEvent.Observed news -> world.take(news);
        case LoopEvent.ActionEnded ended -> end(ended);
        case LoopEvent.Passed passed -> {
          return Optional.of(pass(passed));
        }
        case LoopEvent.Started _,
            LoopEvent.ObserveFailed _,
            LoopEvent.Reacted _,
            LoopEvent.WorkReported _,
            LoopEvent.Stopped _ -> {}
      }
      return Optional.empty();
    }

    private void end(LoopEvent.ActionEnded ended) {
      if (ended.givenUp()) {
        givenUp.add(ended.action()); // comes out of the pass that is told next
      } else {
        knowledge.ended(ended.action(), ended.failure(), ended.took(), ended.at());
      }
    }

    private RerunPass pass(LoopEvent.Passed passed) {
      if (passed.number() <= passes) {
        throw new IllegalArgumentException(
            "number: need a pass after %d, got %d".formatted(passes, passed.number()));
      }
      known &= passed.number() == passes + 1;
      passes = passed.number();
      if (!known || following) {
        nameAs(passed);
      }
      var snapshot = world.at(passed.observed());
      var before = knowledge.memory();
      var result = knowledge.decide(snapshot, passed.at());
      var again = RerunPass.of(passed, givenUp, result, known);
      givenUp.clear();
      if (!again.plan().steps().equals(passed.plan().steps())) {
        following = true;
        follow(passed, again, before, snapshot);
      }
      return again;
    }

    /// New replicas are named from the first name that the recorded plan gives.
    private void nameAs(LoopEvent.Passed passed) {
      var memory = knowledge.memory();
      passed.plan().steps().stream()
          .flatMapToLong(step -> number(memory.plan(), step.action()).stream())
          .min()
          .ifPresent(first -> knowledge.remember(memory.with(memory.plan().named(first - 1))));
    }

    private static OptionalLong number(PlanMemory memory, Action action) {
      return action instanceof Action.Start start
          ? memory.numberOf(start.service(), start.replica())
          : OptionalLong.empty();
    }

    /// As if the recorded steps had been taken, and not those that came out now.
    ///
    /// @param before what was remembered before this pass
    private void follow(
        LoopEvent.Passed passed, RerunPass again, Pass.Memory before, Snapshot snapshot) {
      var memory = knowledge.memory();
      var plan = before.plan().at(passed.at()).named(memory.plan().started());
      var readyTimes =
          before
              .readyTimes()
              .seen(snapshot, started.abilities().contains(Ability.SCALES), passed.at())
              .asked(passed.plan(), passed.at());
      var ledger = memory.ledger();
      for (var step : again.plan().steps()) {
        ledger = ledger.without(step.action());
      }
      for (var step : passed.plan().steps()) {
        if (!started.dryRun()) {
          ledger = ledger.asked(step.action(), passed.at());
        }
        int stops = knowledge.pool().stopsPerMinute().isPresent() ? stops(step, snapshot) : 0;
        for (int i = 0; i < stops; i++) {
          plan = plan.stopped(passed.at());
        }
      }
      knowledge.remember(memory.with(ledger).with(plan).with(readyTimes));
    }

    /// How many replicas a step stops for another service. Of a scaled service the step does not
    /// tell how many of them were wanted no more, so all count.
    private static int stops(Step step, Snapshot snapshot) {
      if (step.inFavourOf().isEmpty()) {
        return 0;
      }
      return switch (step.action()) {
        case Action.Stop _ -> 1;
        case Action.Scale(var service, int replicas, _) ->
            Math.max(1, snapshot.of(service).active() - replicas);
        case Action.Start _, Action.Pause _, Action.Resume _, Action.Resize _ -> 0;
      };
    }
  }
}
