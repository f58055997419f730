package io.microscale.orchestrators.kubernetes.custom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.microscale.core.allocation.Grant;
import io.microscale.core.loop.Decision;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.planning.Plan;
import io.microscale.core.planning.Step;
import io.microscale.core.scaling.Claim;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.orchestrators.kubernetes.custom.StatusApi.Happening;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResourceReporterTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final ServiceId WEB = new ServiceId("web");
  private static final ServiceId BATCH = new ServiceId("batch");
  private static final PoolSpec POOL =
      PoolSpec.of(
          "kittens",
          List.of(
              ServiceSpec.named("web").priority(9).build(), ServiceSpec.named("batch").build()));

  private final FakeStatusApi api = new FakeStatusApi();
  private final List<String> problems = new ArrayList<>();
  private boolean leads = true;
  private final ResourceReporter reporter =
      new ResourceReporter(
          api, new LeaderOnly(), "engine-0", InstantSource.fixed(START), problems::add);

  private final class LeaderOnly implements Fence {
    @Override
    public void check() {
      if (!leads) {
        throw new OrchestratorException(OrchestratorException.Kind.UNAVAILABLE, "not the leader");
      }
    }

    @Override
    public String fieldManager() {
      return "microscale";
    }

    @Override
    public Optional<String> stamp() {
      return Optional.empty();
    }
  }

  @BeforeEach
  void acceptAll() {
    reporter.judged(
        List.of(
            accepted(FakeStatusApi.pool()),
            accepted(FakeStatusApi.service("web")),
            accepted(FakeStatusApi.service("batch"))));
    reporter.accept(new LoopEvent.Started(START, POOL, "kubernetes", Set.of(), false));
  }

  private static Verdict accepted(CustomResource resource) {
    return new Verdict(resource, true, "Valid", "");
  }

  private static Decision decision(ServiceId service, int claimed, int granted, int running) {
    var claim =
        new Claim(service, claimed - 0.5, claimed, 0, Claim.Basis.READING, "as demand has it");
    return new Decision(
        claim, new Grant(service, claimed, granted, "gets " + granted), 0, running, 1, 0);
  }

  private static LoopEvent.Passed passed(List<Step> steps, Decision... decisions) {
    return new LoopEvent.Passed(
        START,
        START,
        1,
        Set.of(),
        List.of(decisions),
        new Plan(steps, List.of()),
        Duration.ofMillis(1));
  }

  @Test
  void numbersAndConditionsSayWhatWasDecided() {
    reporter.accept(passed(List.of(), decision(WEB, 5, 3, 2), decision(BATCH, 1, 1, 1)));
    reporter.tick(START);

    assertThat(api.last("web"))
        .contains(
            entry("claimed", 5),
            entry("granted", 3),
            entry("running", 2),
            entry("paused", 1),
            entry("demand", 4.5),
            entry("reason", "gets 3"));
    assertThat(api.condition("web", "Accepted")).startsWith("True/Valid");
    assertThat(api.condition("web", "Ready")).startsWith("False/Starting");
    assertThat(api.condition("web", "Limited")).startsWith("True/NoRoom");
    assertThat(api.condition("web", "DemandKnown")).startsWith("True/Reading");
    assertThat(api.condition("batch", "Ready")).startsWith("True/AsGranted");
    assertThat(api.condition("batch", "Limited")).startsWith("False/GetsItsClaim");
    assertThat(api.last("kittens"))
        .contains(entry("services", 2), entry("limited", 1), entry("running", 3));
    assertThat(api.condition("kittens", "Ready")).startsWith("True/Running");
  }

  @Test
  void nothingIsWrittenWhileNothingChanges() {
    reporter.accept(passed(List.of(), decision(WEB, 5, 5, 5), decision(BATCH, 1, 1, 1)));
    reporter.tick(START);
    api.statuses.clear();
    for (int second = 1; second < 120; second++) {
      reporter.accept(passed(List.of(), decision(WEB, 5, 5, 5), decision(BATCH, 1, 1, 1)));
      reporter.tick(START.plusSeconds(second));
    }
    assertThat(api.statuses).isEmpty();
  }

  @Test
  void onlyWhatChangedIsWrittenAndManyChangesAreOneWrite() {
    reporter.accept(passed(List.of(), decision(WEB, 5, 5, 5), decision(BATCH, 1, 1, 1)));
    reporter.tick(START);
    api.statuses.clear();
    for (int claimed = 6; claimed < 20; claimed++) {
      reporter.accept(
          passed(List.of(), decision(WEB, claimed, claimed, 5), decision(BATCH, 1, 1, 1)));
    }
    reporter.tick(START.plusSeconds(1));
    assertThat(api.statuses).extracting(FakeStatusApi.Status::name).containsExactly("web");
    assertThat(api.last("web")).contains(entry("claimed", 19));
  }

  @Test
  void mereWordingIsWrittenLater() {
    reporter.accept(passed(List.of(), decision(WEB, 5, 5, 5)));
    reporter.tick(START);
    api.statuses.clear();
    var worded = decision(WEB, 5, 5, 5);
    var claim = worded.claim();
    reporter.accept(
        passed(
            List.of(),
            new Decision(
                new Claim(WEB, 4.7, 5, 0, claim.basis(), "in other words"),
                worded.grant(),
                0,
                5,
                1,
                0)));
    reporter.tick(START.plusSeconds(1));
    assertThat(api.statuses).isEmpty();
    reporter.tick(START.plus(ResourceReporter.WORDING));
    assertThat(api.last("web")).contains(entry("reason", "in other words"));
  }

  @Test
  void aConditionKeepsTheTimeSinceWhichItIsSo() {
    reporter.accept(passed(List.of(), decision(WEB, 5, 5, 5)));
    reporter.tick(START);
    reporter.accept(passed(List.of(), decision(WEB, 6, 6, 6)));
    reporter.tick(START.plusSeconds(7));
    assertThat(api.condition("web", "Ready")).isEqualTo("True/AsGranted since " + START);
    reporter.accept(passed(List.of(), decision(WEB, 7, 7, 6)));
    reporter.tick(START.plusSeconds(8));
    assertThat(api.condition("web", "Ready"))
        .isEqualTo("False/Starting since " + START.plusSeconds(8));
  }

  @Test
  void whatStandsInTheStatusAfterARestartGoesOn() {
    var before =
        Condition.of("Ready", Condition.Value.TRUE, "AsGranted", "", 1, START.minusSeconds(500));
    reporter.judged(
        List.of(
            accepted(
                FakeStatusApi.resource(CustomResource.Kind.SERVICE, "web", 1, List.of(before)))));
    reporter.accept(passed(List.of(), decision(WEB, 5, 5, 5)));
    reporter.tick(START);
    assertThat(api.condition("web", "Ready"))
        .isEqualTo("True/AsGranted since " + START.minusSeconds(500));
  }

  @Test
  void whatCannotBeSeenIsUnknown() {
    reporter.accept(passed(List.of(), decision(WEB, 5, 5, 5)));
    reporter.accept(
        new LoopEvent.ObserveFailed(START, OrchestratorException.Kind.UNAVAILABLE, "no answer"));
    reporter.tick(START);
    assertThat(api.condition("web", "Ready")).startsWith("Unknown/Blind");
    assertThat(api.condition("kittens", "Ready")).startsWith("Unknown/Blind");
  }

  @Test
  void onlyTheLeaderWrites() {
    leads = false;
    reporter.accept(passed(List.of(), decision(WEB, 5, 5, 5)));
    reporter.tick(START);
    assertThat(api.statuses).isEmpty();
  }

  @Test
  void aServerThatRefusesIsAskedLessAndToldOfSeldom() {
    api.refusing = true;
    for (int second = 0; second < 120; second++) {
      reporter.tick(START.plusSeconds(second));
    }
    assertThat(api.refused).isBetween(3, 10);
    assertThat(problems).hasSizeBetween(1, 2);
    api.refusing = false;
    reporter.tick(START.plusSeconds(300));
    assertThat(api.statuses).hasSize(3);
  }

  @Test
  void ofManyResourcesABoundedNumberIsWrittenAtOnce() {
    var many =
        IntStream.range(0, 50).mapToObj(i -> accepted(FakeStatusApi.service("s" + i))).toList();
    reporter.judged(many);
    for (int second = 0; second < 3; second++) {
      reporter.tick(START.plusSeconds(second));
      assertThat(api.statuses)
          .hasSize(Math.min(50, (second + 1) * ResourceReporter.STATUSES_A_SECOND));
    }
    assertThat(api.statuses).extracting(FakeStatusApi.Status::name).doesNotHaveDuplicates();
  }

  @Test
  void whatIsDoneForAnotherServiceIsAnEventWithTheReasonOfThePlan() {
    var scale = new Action.Scale(BATCH, 2);
    reporter.accept(
        passed(List.of(new Step(scale, Optional.of(WEB), "room for web")), decision(WEB, 5, 3, 2)));
    reporter.accept(
        new LoopEvent.ActionEnded(START, scale, Optional.empty(), Duration.ZERO, false));
    reporter.tick(START);
    assertThat(api.created)
        .containsExactly(
            new Happening(false, "ScaledForPriority", "scale", "scaled to 2: room for web", START));
  }

  @Test
  void aRefusalIsAWarningAndAnOutageIsNoEvent() {
    var scale = new Action.Scale(BATCH, 2);
    for (var kind :
        List.of(OrchestratorException.Kind.UNAVAILABLE, OrchestratorException.Kind.REJECTED)) {
      reporter.accept(
          new LoopEvent.ActionEnded(
              START,
              scale,
              Optional.of(new LoopEvent.Failure(kind, "scaled by an HPA")),
              Duration.ZERO,
              false));
    }
    reporter.tick(START);
    assertThat(api.created)
        .containsExactly(new Happening(true, "Refused", "scale", "scale: scaled by an HPA", START));
  }

  @Test
  void statusesAreWrittenWhereEventsAreNotAllowed() {
    api.refusingEvents = true;
    for (int i = 0; i < 3; i++) {
      var ended =
          new LoopEvent.ActionEnded(
              START, new Action.Scale(BATCH, i), Optional.empty(), Duration.ZERO, false);
      reporter.accept(passed(List.of(), decision(WEB, 5 + i, 5, 5)));
      reporter.accept(ended);
      reporter.tick(START.plusSeconds(i));
    }
    assertThat(api.last("web")).contains(entry("claimed", 7));
    assertThat(api.created).isEmpty();
    assertThat(problems).singleElement().asString().contains("events of workloads");
  }

  @Test
  void eventsBeyondTheBoundAreCountedAndNeverWaitedFor() {
    var scale = new Action.Scale(BATCH, 2);
    var ended = new LoopEvent.ActionEnded(START, scale, Optional.empty(), Duration.ZERO, false);
    for (int i = 0; i < 1_100; i++) {
      reporter.accept(ended);
    }
    assertThat(reporter.lost()).isEqualTo(1_100 - 1_024);
  }
}
