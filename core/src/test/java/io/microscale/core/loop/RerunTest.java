package io.microscale.core.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.Node;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.planning.Plan;
import io.microscale.core.scaling.Claim;
import io.microscale.core.scaling.Headroom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Recordings of random worlds with every fault there is, decided again. The seed of a failed run
/// is in the test's name.
class RerunTest {
  private static final Instant T0 = LaggingWorld.START;
  private static final ServiceId WEB = new ServiceId("web");

  static LongStream seeds() {
    return LongStream.range(1, 151);
  }

  /// What a loop told in a random world, with somebody at the controls.
  private static List<LoopEvent> recorded(long seed, int steps) {
    var random = new SplittableRandom(seed);
    var run = new LoopPropertiesTest.Run(seed, random.nextInt(6) == 0);
    run.took = () -> Duration.ofNanos(random.nextLong(200_000_000));
    for (int i = 0; i < steps; i++) {
      run.read();
      if (random.nextInt(8) == 0) {
        var services = run.pool.services();
        run.loop.override(
            services.get(random.nextInt(services.size())).id(), override(random, run.world.now()));
      }
      run.step();
    }
    run.loop.stopped("enough");
    return run.events;
  }

  private static ManualOverride override(SplittableRandom random, Instant now) {
    return new ManualOverride(
        random.nextBoolean() ? OptionalDouble.of(random.nextInt(5)) : OptionalDouble.empty(),
        random.nextInt(3),
        now.plusMillis(random.nextInt(3_000)),
        random.nextInt(4) == 0);
  }

  private static List<RerunPass> again(Rerun rerun, List<LoopEvent> events) {
    var passes = new ArrayList<RerunPass>();
    events.forEach(event -> rerun.take(event).ifPresent(passes::add));
    return passes;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyPassComesOutTheSame(long seed) {
    var events = recorded(seed, 120);
    var passes = again(Rerun.asRecorded(), events);
    assertThat(passes)
        .hasSize((int) events.stream().filter(LoopEvent.Passed.class::isInstance).count())
        .hasSizeGreaterThan(80)
        .allSatisfy(
            pass -> {
              assertThat(pass.differences()).as("pass %d", pass.recorded().number()).isEmpty();
              assertThat(pass.same()).isTrue();
              assertThat(pass.sameActions()).isTrue();
              assertThat(pass.effects()).isEmpty();
              assertThat(pass.known()).isTrue();
            });
  }

  /// What a recording could lack.
  enum Lack {
    ANSWERS,
    FAILURES,
    WHO_GAVE_UP,
    HOW_LONG_ACTIONS_TOOK,
    WHAT_WAS_SET_BY_HAND,
    WHAT_THE_SOURCE_SAID,
    WHAT_WAS_OBSERVED,
    THAT_NOTHING_WAS_DONE;

    Optional<LoopEvent> of(LoopEvent event) {
      return switch (event) {
        case LoopEvent.ActionEnded e when this == ANSWERS && !e.givenUp() -> Optional.empty();
        case LoopEvent.ActionEnded e when this == FAILURES && !e.givenUp() ->
            ended(e, Optional.empty(), e.took(), false);
        case LoopEvent.ActionEnded e when this == WHO_GAVE_UP ->
            ended(e, e.failure(), e.took(), false);
        case LoopEvent.ActionEnded e when this == HOW_LONG_ACTIONS_TOOK ->
            ended(e, e.failure(), Duration.ZERO, e.givenUp());
        case LoopEvent.Overridden _ when this == WHAT_WAS_SET_BY_HAND -> Optional.empty();
        case LoopEvent.ReadingTaken e when this == WHAT_THE_SOURCE_SAID ->
            Optional.of(
                new LoopEvent.ReadingTaken(
                    e.at(), e.service(), e.reading(), Optional.of(e.reading())));
        case LoopEvent.Observed e when this == WHAT_WAS_OBSERVED && !e.complete() ->
            Optional.empty();
        case LoopEvent.Started e when this == THAT_NOTHING_WAS_DONE ->
            Optional.of(
                new LoopEvent.Started(e.at(), e.pool(), e.orchestrator(), e.abilities(), false));
        default -> Optional.of(event);
      };
    }

    private static Optional<LoopEvent> ended(
        LoopEvent.ActionEnded e,
        Optional<LoopEvent.Failure> failure,
        Duration took,
        boolean givenUp) {
      return Optional.of(new LoopEvent.ActionEnded(e.at(), e.action(), failure, took, givenUp));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whateverIsLeftOutShows(Lack lack) {
    long different =
        LongStream.range(1, 25)
            .filter(
                seed -> {
                  var events =
                      recorded(seed, 60).stream().map(lack::of).flatMap(Optional::stream).toList();
                  return !again(Rerun.asRecorded(), events).stream().allMatch(RerunPass::same);
                })
            .count();
    assertThat(different).isPositive();
  }

  /// A pool whose world is told by hand; the replicas are those that it was asked for.
  private static final class Told implements Orchestrator {
    final List<LoopEvent> events = new ArrayList<>();
    final List<Action> asked = new ArrayList<>();
    final TreeMap<ReplicaId, Replica> replicas = new TreeMap<>();
    final ControlLoop loop;
    Instant now = T0;
    List<Node> nodes = List.of(Node.of("n", Resources.slots(10)));
    @Nullable Instant observed;

    Told(PoolSpec pool) {
      loop = new ControlLoop(pool, "told", this, asked::add, events::add, () -> now, false);
    }

    Told reads(int demand) {
      loop.read(WEB, new Reading.Value(demand, now));
      return this;
    }

    Told pass() {
      now = now.plusSeconds(1);
      loop.pass(Set.of(Trigger.RESYNC));
      return this;
    }

    /// Does at once what it was asked for.
    Told does() {
      for (var action : List.copyOf(asked)) {
        switch (action) {
          case Action.Start(var service, var id, var node, var size) ->
              replicas.put(id, Replica.of(id, service, node, ReplicaState.RUNNING, size, now));
          case Action.Stop(_, var id) -> replicas.remove(id);
          case Action.Pause _, Action.Resume _, Action.Resize _, Action.Scale _ ->
              throw new IllegalStateException("not declared: " + action);
        }
      }
      return answers();
    }

    Told answers() {
      for (var action : List.copyOf(asked)) {
        loop.ended(action, Optional.empty(), Duration.ofMillis(5));
      }
      asked.clear();
      return this;
    }

    @Override
    public Set<Ability> abilities() {
      return EnumSet.of(Ability.PICKS_VICTIMS, Ability.READS_OWN_WRITES);
    }

    @Override
    public Snapshot observe() {
      return Snapshot.of(observed == null ? now : observed, nodes, replicas.values());
    }

    @Override
    public void perform(Action action) {
      throw new IllegalStateException("actions are dispatched");
    }

    @Override
    public Watch watch(Runnable changed) {
      return () -> {};
    }

    @Override
    public void close() {}
  }

  private static PoolSpec pool(Headroom headroom) {
    return PoolSpec.of(
        "p",
        List.of(
            ServiceSpec.named("web").priority(9).headroom(headroom).hold(Duration.ZERO).build(),
            ServiceSpec.named("batch").replicas(0, 1).remainder().build()));
  }

  private static LoopEvent.Passed at(LoopEvent.Passed passed, Instant observed) {
    return new LoopEvent.Passed(
        passed.at(),
        observed,
        passed.number(),
        passed.triggers(),
        passed.decisions(),
        passed.plan(),
        passed.took());
  }

  @Test
  void whatIsOverIsToldByTheTimeOfTheSnapshot() {
    var told = new Told(pool(Headroom.NONE)).reads(2).pass().answers();
    // Accepted and not there. An older snapshot cannot know; a newer one shows that they are over.
    told.observed = T0;
    told.pass();
    assertThat(told.asked).isEmpty();
    assertThat(again(Rerun.asRecorded(), told.events)).hasSize(2).allMatch(RerunPass::same);

    var events = new ArrayList<>(told.events);
    var last = (LoopEvent.Passed) events.removeLast();
    events.add(at(last, last.at()));
    assertThat(again(Rerun.asRecorded(), events).getLast().same()).isFalse();
  }

  @Test
  void nodesThatAllGoAndComeBackAreSeen() {
    var told = new Told(pool(Headroom.NONE)).reads(2).pass().does().pass();
    var nodes = told.nodes;
    told.nodes = List.of();
    var replicas = Map.copyOf(told.replicas);
    told.replicas.clear();
    told.pass().answers().pass();
    told.nodes = List.of(nodes.getFirst(), Node.of("other", Resources.slots(3)));
    told.replicas.putAll(replicas);
    told.pass().does().pass();
    assertThat(again(Rerun.asRecorded(), told.events)).hasSize(6).allMatch(RerunPass::same);
  }

  @Test
  void otherSettingsTellWhatWouldHaveBeenDecidedWithWhatWasSeen() {
    var told = new Told(pool(Headroom.NONE));
    for (int demand : new int[] {2, 2, 4, 3}) {
      told.reads(demand).pass().does();
    }
    var passes = again(Rerun.with(pool(new Headroom.Fixed(0, 1))), told.events);
    assertThat(passes)
        .extracting(pass -> pass.decisions().getFirst().claim().replicas())
        .containsExactly(3, 3, 5, 4);
    assertThat(passes)
        .extracting(pass -> pass.recorded().decisions().getFirst().claim().replicas())
        .containsExactly(2, 2, 4, 3);
    // What is there is what the recorded decisions led to, pass by pass.
    assertThat(passes)
        .extracting(pass -> pass.decisions().getFirst().running())
        .containsExactly(0, 2, 2, 4);
    assertThat(passes.get(1).sameActions()).isFalse();
    assertThat(passes.get(1).differences())
        .contains(new RerunDifference("web: claim.replicas", "2", "3"));
    assertThat(passes.get(1).effects())
        .containsExactly(
            new RerunDifference("web: claim.replicas", "2", "3"),
            new RerunDifference("web: grant.granted", "2", "3"),
            new RerunDifference("plan", "nothing", "start web"));
    // Replicas are named on from where the recording was.
    assertThat(passes.get(2).plan().steps().getFirst().action())
        .isEqualTo(passes.get(2).recorded().plan().steps().getFirst().action());
  }

  @Test
  void theStopBudgetIsThatWhichTheRecordedStepsLeave() {
    var told = new Told(fullOfBatch(Headroom.NONE));
    told.nodes = List.of(Node.of("n", Resources.slots(6)));
    told.reads(0).pass().does().pass().does();
    assertThat(told.replicas).hasSize(6);
    told.reads(2).pass().does().pass();
    var passes = again(Rerun.with(fullOfBatch(new Headroom.Fixed(0, 2))), told.events);
    assertThat(passes).hasSize(4);
    // Three may be stopped a minute; four replicas would have been claimed all along.
    assertThat(stops(passes.get(2).recorded().plan())).isEqualTo(2);
    assertThat(stops(passes.get(2).plan())).isEqualTo(3);
    assertThat(stops(passes.get(3).plan())).isEqualTo(1);
    assertThat(passes.get(3).plan().waiting()).anyMatch(w -> w.reason().contains("stop budget"));
  }

  private static PoolSpec fullOfBatch(Headroom headroom) {
    var web = ServiceSpec.named("web").priority(9).headroom(headroom).hold(Duration.ZERO).build();
    var batch = ServiceSpec.named("batch").replicas(0, 6).remainder().build();
    return PoolSpec.of("p", List.of(web, batch)).stopsPerMinute(3);
  }

  private static long stops(Plan plan) {
    return plan.steps().stream().filter(s -> s.action() instanceof Action.Stop).count();
  }

  /// The pool with no more than one replica of what takes the remainder.
  private static PoolSpec withSmallRemainders(PoolSpec pool) {
    return new PoolSpec(
        pool.name(),
        pool.services().stream()
            .map(
                s ->
                    new ServiceSpec(
                        s.id(),
                        s.priority(),
                        s.min(),
                        s.remainder() ? 1 : s.max(),
                        s.weight(),
                        s.resources(),
                        s.remainder(),
                        s.scaling(),
                        s.headroom(),
                        s.hold(),
                        s.reclaim(),
                        s.throttled(),
                        s.whilePaused(),
                        s.standby(),
                        s.minRuntime(),
                        s.fallback()))
            .toList(),
        pool.stopsPerMinute(),
        pool.actionsInFlight(),
        pool.actionDeadline(),
        pool.resync());
  }

  private static List<Claim> followed(List<Decision> decisions) {
    return decisions.stream()
        .map(Decision::claim)
        .filter(claim -> claim.basis() != Claim.Basis.REMAINDER)
        .toList();
  }

  @Test
  void whatOneServiceClaimsDoesNotChangeWithTheStepsThatWereNotTaken() {
    int different = 0;
    for (long seed = 1; seed <= 60; seed++) {
      var events = recorded(seed, 80);
      var pool = ((LoopEvent.Started) events.getFirst()).pool();
      for (var pass : again(Rerun.with(withSmallRemainders(pool)), events)) {
        different += pass.sameActions() ? 0 : 1;
        assertThat(followed(pass.decisions()))
            .as("seed %d, pass %d", seed, pass.recorded().number())
            .isEqualTo(followed(pass.recorded().decisions()));
      }
    }
    assertThat(different).isGreaterThan(100);
  }

  @Test
  void theSameSettingsGivenAnewDifferInNothing() {
    var events = recorded(7, 80);
    var pool = ((LoopEvent.Started) events.getFirst()).pool();
    assertThat(again(Rerun.with(pool), events))
        .hasSize(80 - blind(events))
        .allMatch(RerunPass::same);
  }

  private static int blind(List<LoopEvent> events) {
    return (int) events.stream().filter(LoopEvent.ObserveFailed.class::isInstance).count();
  }

  /// What a recording begins anew with: all that is known without the memory of passes.
  private static List<LoopEvent> known(List<LoopEvent> events) {
    var world = new RecordedWorld();
    var newest = new TreeMap<ServiceId, LoopEvent>();
    var at = T0;
    for (var event : events) {
      if (event instanceof LoopEvent.Observed news) {
        world.take(news);
      } else if (event instanceof LoopEvent.ReadingTaken taken) {
        newest.put(taken.service(), taken);
      }
      at = event.at();
    }
    var known = new ArrayList<LoopEvent>();
    known.add(events.getFirst());
    known.addAll(newest.values());
    var snapshot = world.at(at);
    known.add(
        new LoopEvent.Observed(
            at, true, snapshot.nodes(), snapshot.replicas(), List.of(), snapshot.standings()));
    return known;
  }

  @Test
  void aRecordingWithoutItsBeginningIsNotKnownAndComesToTheSame() {
    var told = new Told(pool(new Headroom.Fixed(50, 0)));
    var random = new SplittableRandom(1);
    int asked = 0;
    while (told.loop.status().passes() < 40) {
      told.reads(random.nextInt(9)).pass();
      asked = told.asked.size();
      if (random.nextBoolean()) {
        told.does();
      }
    }
    int from = told.events.size();
    while (asked == 0 || told.loop.status().passes() < 100) {
      told.reads(random.nextInt(9)).pass();
      asked += told.asked.size();
      told.does();
    }
    var later = new ArrayList<>(known(told.events.subList(0, from)));
    later.addAll(told.events.subList(from, told.events.size()));
    var passes = again(Rerun.asRecorded(), later);
    assertThat(passes).hasSize(60).noneMatch(RerunPass::known);
    assertThat(passes.subList(10, 60)).allMatch(RerunPass::same);

    // With all before it, a file that begins so is only the next one of the run.
    var whole = new ArrayList<>(told.events.subList(0, from));
    whole.addAll(later);
    assertThat(again(Rerun.asRecorded(), whole))
        .hasSize(100)
        .allMatch(RerunPass::known)
        .allMatch(RerunPass::same);
  }

  @Test
  void afterAGapNothingIsKnownUntilTheNextRun() {
    var events = recorded(3, 20);
    var rerun = Rerun.asRecorded();
    var passes = again(rerun, events.subList(0, events.size() / 2));
    assertThat(passes).isNotEmpty().allMatch(RerunPass::known);
    rerun.miss();
    assertThat(again(rerun, events.subList(events.size() / 2, events.size())))
        .isNotEmpty()
        .noneMatch(RerunPass::known);
    assertThat(again(rerun, recorded(4, 20))).isNotEmpty().allMatch(RerunPass::known);
  }

  @Test
  void eventsThatDoNotFitAreRefused() {
    var events = new Told(pool(Headroom.NONE)).reads(2).pass().pass().events;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> again(Rerun.asRecorded(), events.subList(1, events.size())))
        .withMessage("type: need the event of a start first");
    var pass = (LoopEvent.Passed) events.getLast();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> again(Rerun.asRecorded(), List.of(events.getFirst(), pass)))
        .withMessage("passed: need a complete observation before, got none yet");
    var twice = new ArrayList<>(events);
    twice.add(pass);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> again(Rerun.asRecorded(), twice))
        .withMessage("number: need a pass after 2, got 2");
    var other = PoolSpec.of("p", List.of(ServiceSpec.named("shop").build()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> again(Rerun.with(other), events))
        .withMessage("services: need those of the recording, [batch, web], got [shop]");
  }
}
