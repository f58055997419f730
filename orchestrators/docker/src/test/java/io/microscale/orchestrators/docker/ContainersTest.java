package io.microscale.orchestrators.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.microscale.core.model.Node;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ContainersTest {
  private static final ServiceId WEB = new ServiceId("web");
  private static final Node NODE = Node.of("n", Resources.slots(1));

  private final Containers containers =
      new Containers(
          NODE, new Clock(InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"))), () -> {});

  @BeforeEach
  void known() {
    containers.known();
  }

  private static Action.Start start(String id) {
    return new Action.Start(WEB, new ReplicaId(id), NODE.id(), Resources.slots(1));
  }

  private Held reserved(String id) {
    return containers.reserve(start(id), 0).orElseThrow();
  }

  private Held running(String id) {
    var held = reserved(id);
    containers.created(held, "c-" + id);
    assertThat(containers.started(held, true)).isEmpty();
    return held;
  }

  private static OrchestratorException failure(Runnable call) {
    return catchThrowableOfType(OrchestratorException.class, call::run);
  }

  @Test
  void roomIsTakenWhenAStartIsAskedForAndFreeWhenItFails() {
    var first = reserved("web-1");
    assertThat(containers.observe().replicas()).isEmpty();
    assertThat(failure(() -> reserved("web-2")).kind()).isEqualTo(Kind.UNAVAILABLE);
    containers.dropped(first);
    assertThat(running("web-2").replica(NODE).state()).isEqualTo(ReplicaState.RUNNING);
  }

  @Test
  void endBeforeTheStartIsAnsweredIsACrash() {
    var held = reserved("web-1");
    containers.created(held, "c");
    assertThat(containers.ended(held.id, "c", "exit 3")).isEmpty();
    var ending = containers.started(held, true);
    assertThat(ending.orElseThrow().crash()).contains("exit 3");
    assertThat(containers.observe().replicas()).isEmpty();
    assertThat(containers.reserve(start("web-1"), 0)).as("a name of the past").isEmpty();
  }

  @Test
  void endOfAnotherContainerOfTheReplicaIsNotItsEnd() {
    var held = running("web-1");
    assertThat(containers.ended(held.id, "another", "removed")).isEmpty();
    assertThat(containers.observe().replicas()).hasSize(1);
    assertThat(containers.ended(held.id, "c-web-1", "exit 1")).isPresent();
    assertThat(containers.ended(held.id, "c-web-1", "exit 1")).as("told again").isEmpty();
  }

  @Test
  void whatIsListedWhileSomethingIsAskedIsOld() {
    var held = running("web-1");
    long since = containers.changes();
    assertThat(held.isUntouched(since)).isTrue();
    containers.asking(held, new Action.Pause(WEB, held.id), held.resources);
    assertThat(held.isUntouched(since)).isFalse();
    containers.answered(held, () -> held.paused = true);
    assertThat(held.isUntouched(since)).as("changed since").isFalse();
    assertThat(held.isUntouched(containers.changes())).isTrue();
  }

  @Test
  void oneThatWasHeldForEndedByMistakeIsFoundAgainButNoGhost() {
    var held = running("web-1");
    long before = containers.changes();
    containers.ended(held.id, held.container, "not listed");
    var again = new Held(held.id, WEB, held.full, 0, held.started, held.bornNanos);
    assertThat(containers.adopted(again, before)).as("seen before its end").isFalse();
    assertThat(containers.adopted(again, containers.changes())).isTrue();
    assertThat(containers.observe().replicas()).hasSize(1);
  }

  @Test
  void nothingIsSaidOrDoneWhileNothingIsKnown() {
    var held = running("web-1");
    containers.unknown("gone away");
    assertThat(failure(containers::observe)).hasMessageContaining("gone away");
    assertThat(failure(() -> reserved("web-2")).kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(failure(() -> containers.find(new Action.Stop(WEB, held.id))).kind())
        .isEqualTo(Kind.UNAVAILABLE);
    containers.close();
    containers.known();
    assertThat(failure(containers::observe)).hasMessageContaining("closed");
  }
}
