package io.microscale.core.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.core.demand.DemandSource;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The engine with its threads, on an orchestrator that does at once what it is asked for.
class LiveEngineTest {
  private static final ServiceSpec WEB =
      ServiceSpec.named("web").priority(100).replicas(0, 10).build();
  private static final ServiceSpec BATCH =
      ServiceSpec.named("batch").replicas(0, 10).remainder().build();

  private final Prompt orchestrator = new Prompt();
  private final BlockingQueue<LoopEvent> events = new LinkedBlockingQueue<>();
  private Optional<LiveEngine> engine = Optional.empty();

  @AfterEach
  void close() {
    orchestrator.hang.countDown();
    engine.ifPresent(LiveEngine::close);
  }

  private LiveEngine start(Map<ServiceId, DemandSource> sources) {
    var pool =
        new PoolSpec(
            "p",
            List.of(WEB, BATCH),
            OptionalInt.empty(),
            64,
            Duration.ofMillis(300),
            Duration.ofSeconds(20));
    engine =
        Optional.of(
            LiveEngine.start(
                new LiveEngine.Settings(pool, "prompt", InstantSource.system(), false),
                orchestrator,
                sources,
                List.of(events::add)));
    return engine.get();
  }

  private <E extends LoopEvent> E await(Class<E> kind, Predicate<E> condition)
      throws InterruptedException {
    for (var event = events.poll(10, TimeUnit.SECONDS);
        event != null;
        event = events.poll(10, TimeUnit.SECONDS)) {
      if (kind.isInstance(event) && condition.test(kind.cast(event))) {
        return kind.cast(event);
      }
    }
    throw new AssertionError("no such " + kind.getSimpleName() + " within 10 s");
  }

  private static Predicate<LoopEvent.Passed> running(int web) {
    return p -> p.decisions().getFirst().running() == web;
  }

  @Test
  void aPushIsAnsweredWithoutWaitingForATick() throws InterruptedException {
    var live = start(Map.of());
    await(LoopEvent.Passed.class, _ -> true);
    live.push(WEB.id(), new Reading.Value(4, Instant.now()));
    await(LoopEvent.Passed.class, running(4));
    assertThat(live.status().passes()).isPositive();
  }

  @Test
  void aSourceThatHangsDelaysNobody() throws InterruptedException {
    var hanging = new CountDownLatch(1);
    DemandSource stuck =
        new DemandSource() {
          @Override
          public Reading read(Instant now) {
            try {
              hanging.await();
            } catch (InterruptedException _) {
              Thread.currentThread().interrupt();
            }
            return new Reading.Missing("stuck", now);
          }

          @Override
          public Optional<Instant> next(Instant now) {
            return Optional.of(now);
          }
        };
    var live = start(Map.of(WEB.id(), stuck));
    live.push(WEB.id(), new Reading.Value(2, Instant.now()));
    await(LoopEvent.Passed.class, running(2));
    hanging.countDown();
  }

  @Test
  void aSourceThatThrowsBecomesMissing() throws InterruptedException {
    DemandSource broken =
        new DemandSource() {
          @Override
          public Reading read(Instant now) {
            throw new IllegalStateException("a defect");
          }

          @Override
          public Optional<Instant> next(Instant now) {
            return Optional.empty();
          }
        };
    start(Map.of(WEB.id(), broken));
    var taken = await(LoopEvent.ReadingTaken.class, _ -> true);
    assertThat(taken.reading())
        .isInstanceOfSatisfying(
            Reading.Missing.class, m -> assertThat(m.why()).contains("a defect"));
  }

  @Test
  void aReplicaThatDiesIsReplacedAtOnce() throws InterruptedException {
    var live = start(Map.of());
    live.push(WEB.id(), new Reading.Value(3, Instant.now()));
    await(LoopEvent.Passed.class, running(3));
    orchestrator.kill("web");
    var replaced =
        await(
            LoopEvent.ActionEnded.class,
            e -> e.action() instanceof Action.Start s && s.service().equals(WEB.id()));
    assertThat(replaced.failure()).isEmpty();
    await(LoopEvent.Passed.class, running(3));
  }

  @Test
  void anActionThatHangsIsGivenUpAndInterruptedAndHoldsUpNobodyElse() throws InterruptedException {
    orchestrator.hangOn = "web";
    var live = start(Map.of());
    live.push(WEB.id(), new Reading.Value(1, Instant.now()));
    await(LoopEvent.Passed.class, p -> p.decisions().getLast().running() == 9);
    var givenUp = await(LoopEvent.ActionEnded.class, e -> e.action().service().equals(WEB.id()));
    assertThat(givenUp.failure())
        .hasValueSatisfying(f -> assertThat(f.message()).contains("no effect within PT0.3S"));
    assertThat(orchestrator.interrupted.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anObserverThatThrowsIsDroppedAndTheEngineGoesOn() throws InterruptedException {
    var live = start(Map.of());
    await(LoopEvent.Passed.class, _ -> true);
    var called = new AtomicInteger();
    live.subscribe(
        _ -> {
          called.incrementAndGet();
          throw new IllegalStateException("an observer that breaks its promise (expected here)");
        });
    live.push(WEB.id(), new Reading.Value(4, Instant.now()));
    await(LoopEvent.Passed.class, running(4));
    assertThat(called).hasValue(1);
  }

  @Test
  void demandForWhatFollowsNoneIsRefused() {
    var live = start(Map.of());
    assertThatThrownBy(() -> live.push(BATCH.id(), new Reading.Value(1, Instant.now())))
        .hasMessageContaining("batch: a remainder service follows no demand");
    assertThatThrownBy(() -> live.push(new ServiceId("nope"), new Reading.Value(1, Instant.now())))
        .hasMessageContaining("got 'nope'");
  }

  @Test
  void closingLeavesTheReplicasAndTellsSo() throws InterruptedException {
    var live = start(Map.of());
    live.push(WEB.id(), new Reading.Value(4, Instant.now()));
    await(LoopEvent.Passed.class, running(4));
    live.close();
    await(LoopEvent.Stopped.class, _ -> true);
    assertThat(orchestrator.observe().of(WEB.id()).running()).isEqualTo(4);
  }

  /// Does at once what it is asked for, and says so.
  private static final class Prompt implements Orchestrator {
    private final Map<ReplicaId, Replica> replicas = new ConcurrentHashMap<>();
    private final Node node = Node.of("n", Resources.slots(10));
    private final CountDownLatch hang = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private volatile String hangOn = "";
    private volatile Runnable changed = () -> {};

    void kill(String service) {
      replicas.values().stream()
          .filter(r -> r.service().value().equals(service))
          .findFirst()
          .ifPresent(r -> replicas.remove(r.id()));
      changed.run();
    }

    @Override
    public Set<Ability> abilities() {
      return EnumSet.of(Ability.WATCHES, Ability.PICKS_VICTIMS, Ability.READS_OWN_WRITES);
    }

    @Override
    public Snapshot observe() {
      return Snapshot.of(Instant.now(), List.of(node), List.copyOf(replicas.values()));
    }

    @Override
    public void perform(Action action) {
      if (action.service().value().equals(hangOn)) {
        try {
          hang.await();
        } catch (InterruptedException _) {
          interrupted.countDown();
        }
        return;
      }
      if (action instanceof Action.Start(var service, var id, var where, var resources)) {
        replicas.put(
            id, Replica.of(id, service, where, ReplicaState.RUNNING, resources, Instant.now()));
      } else {
        replicas.remove(new ReplicaId(action.subject()));
      }
      changed.run();
    }

    @Override
    public Watch watch(Runnable listener) {
      changed = listener;
      return () -> changed = () -> {};
    }

    @Override
    public void close() {}
  }
}
