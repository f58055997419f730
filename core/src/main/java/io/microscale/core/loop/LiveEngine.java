package io.microscale.core.loop;

import io.microscale.core.demand.DemandSource;
import io.microscale.core.demand.Reading;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Runs a [ControlLoop] for real: one thread makes passes, sources are read and actions carried out
/// on virtual threads.
///
/// A trigger wakes the thread at once; one that comes during a pass makes one more pass right after
/// it. Everything that others hand over is kept by service, the newest counting, or is bounded by
/// the actions in flight, so nothing can pile up.
public final class LiveEngine implements Engine, AutoCloseable {
  private static final Duration CLOSING = Duration.ofSeconds(5);
  private static final int REHEARSED = 600;

  private final Settings settings;
  private final Orchestrator orchestrator;
  private final InstantSource clock;
  private final Map<ServiceId, ServiceSpec> specs;
  private final List<Consumer<LoopEvent>> observers;
  private final AtomicReference<Set<Trigger>> triggers = new AtomicReference<>(Set.of());
  private final Map<ServiceId, Reading> readings = new ConcurrentHashMap<>();
  private final Map<ServiceId, ManualOverride> overrides = new ConcurrentHashMap<>();
  private final Map<ServiceId, Work> work = new ConcurrentHashMap<>();
  private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
  private final Map<Action, Thread> performing = new ConcurrentHashMap<>();
  // Twice the actions in flight: those given up may still hang in the orchestrator for a while.
  private final Semaphore performers;
  private final List<Thread> readers = new ArrayList<>();
  private final ControlLoop loop;
  private final Thread thread;
  private volatile boolean closed;
  private volatile EngineStatus status;

  private record Work(double done, double missed, Duration lost) {}

  private record Ended(Action action, Optional<LoopEvent.Failure> failure, Duration took) {}

  /// What an engine is started with.
  ///
  /// @param clock never goes back
  /// @param dryRun decide and report, ask nothing of the orchestrator
  public record Settings(
      PoolSpec pool, String orchestratorName, InstantSource clock, boolean dryRun) {}

  private LiveEngine(
      Settings settings, Orchestrator orchestrator, List<Consumer<LoopEvent>> observers) {
    this.settings = settings;
    this.orchestrator = orchestrator;
    this.clock = settings.clock;
    this.observers = new CopyOnWriteArrayList<>(observers);
    this.specs =
        settings.pool.services().stream()
            .collect(Collectors.toUnmodifiableMap(ServiceSpec::id, Function.identity()));
    this.performers = new Semaphore(2 * settings.pool.actionsInFlight());
    this.loop =
        new ControlLoop(
            settings.pool,
            settings.orchestratorName,
            orchestrator,
            this::dispatch,
            this::tell,
            clock,
            settings.dryRun);
    this.status = loop.status();
    this.thread = Thread.ofPlatform().name("passes").daemon().unstarted(this::run);
  }

  /// Starts at once. `observers` see the run from its first event.
  ///
  /// @param sources what has to be asked for demand; services without one are pushed to
  public static LiveEngine start(
      Settings settings,
      Orchestrator orchestrator,
      Map<ServiceId, DemandSource> sources,
      List<Consumer<LoopEvent>> observers) {
    var engine = new LiveEngine(settings, orchestrator, observers);
    sources.keySet().forEach(engine::requireDemand);
    sources.forEach(
        (service, source) ->
            engine.readers.add(
                Thread.ofVirtual()
                    .name("demand of " + service)
                    .start(() -> engine.follow(service, source))));
    engine.trigger(Trigger.STARTED);
    engine.thread.start();
    return engine;
  }

  // What others hand over.

  @Override
  public EngineStatus status() {
    return status;
  }

  @Override
  public Subscription subscribe(Consumer<LoopEvent> observer) {
    observers.add(observer);
    return () -> observers.remove(observer);
  }

  @Override
  public void push(ServiceId service, Reading reading) {
    requireDemand(service);
    readings.put(service, reading);
    trigger(Trigger.READING);
  }

  @Override
  public void override(ServiceId service, ManualOverride override) {
    known(service);
    overrides.put(service, override);
    trigger(Trigger.CONFIGURATION);
  }

  @Override
  public void reportWork(ServiceId service, double done, double missed, Duration lost) {
    known(service);
    work.put(service, new Work(done, missed, lost));
    LockSupport.unpark(thread);
  }

  private ServiceSpec known(ServiceId service) {
    var spec = specs.get(service);
    if (spec == null) {
      throw new IllegalArgumentException(
          "service: need one of %s, got '%s'".formatted(specs.keySet(), service));
    }
    return spec;
  }

  private void requireDemand(ServiceId service) {
    if (known(service).remainder()) {
      throw new IllegalArgumentException(
          "%s: a remainder service follows no demand".formatted(service));
    }
  }

  private void trigger(Trigger trigger) {
    triggers.accumulateAndGet(Set.of(trigger), LiveEngine::union);
    LockSupport.unpark(thread);
  }

  private static Set<Trigger> union(Set<Trigger> some, Set<Trigger> more) {
    if (some.containsAll(more)) {
      return some;
    }
    var all = EnumSet.copyOf(more);
    all.addAll(some);
    return all;
  }

  // The thread that makes passes.

  private void run() {
    Rehearsal.play(REHEARSED);
    try (var _ = orchestrator.watch(() -> trigger(Trigger.REPLICAS))) {
      var wakeAt = Optional.<Instant>empty();
      var lastPass = clock.instant();
      while (!closed) {
        takeIn();
        var now = clock.instant();
        var due = triggersAt(now, wakeAt, lastPass);
        if (due.isEmpty()) {
          status = loop.status();
          var resync = lastPass.plus(settings.pool.resync());
          var next = wakeAt.filter(t -> t.isBefore(resync)).orElse(resync);
          LockSupport.parkNanos(this, Math.max(1, Duration.between(now, next).toNanos()));
        } else {
          wakeAt = loop.pass(due);
          lastPass = now;
          status = loop.status();
        }
      }
    }
    takeIn();
    loop.stopped("closed");
  }

  private Set<Trigger> triggersAt(Instant now, Optional<Instant> wakeAt, Instant lastPass) {
    var due = EnumSet.noneOf(Trigger.class);
    due.addAll(triggers.getAndSet(Set.of()));
    if (wakeAt.isPresent() && !now.isBefore(wakeAt.get())) {
      due.add(Trigger.DUE);
    }
    if (due.isEmpty() && !now.isBefore(lastPass.plus(settings.pool.resync()))) {
      due.add(Trigger.RESYNC);
    }
    return due;
  }

  private void takeIn() {
    for (var end = ended.poll(); end != null; end = ended.poll()) {
      loop.ended(end.action, end.failure, end.took);
    }
    take(overrides, loop::override);
    take(readings, loop::read);
    take(work, (service, report) -> loop.work(service, report.done, report.missed, report.lost));
  }

  private static <T> void take(Map<ServiceId, T> handedOver, BiConsumer<ServiceId, T> use) {
    for (var service : List.copyOf(handedOver.keySet())) {
      var newest = handedOver.remove(service);
      if (newest != null) {
        use.accept(service, newest);
      }
    }
  }

  private void tell(LoopEvent event) {
    observers.removeIf(observer -> breaks(observer, event));
    if (event instanceof LoopEvent.ActionEnded(_, var action, var failure, _, _)
        && failure.isPresent()) {
      var hanging = performing.get(action);
      if (hanging != null) {
        hanging.interrupt();
      }
    }
  }

  /// Tells an observer. One that throws breaks its promise and is told no more: the passes must go
  /// on.
  private boolean breaks(Consumer<LoopEvent> observer, LoopEvent event) {
    try {
      observer.accept(event);
      return false;
    } catch (RuntimeException e) {
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      return true;
    }
  }

  // Actions.

  private void dispatch(Action action) {
    if (!performers.tryAcquire()) {
      end(
          action,
          Optional.of(
              new LoopEvent.Failure(
                  OrchestratorException.Kind.UNAVAILABLE,
                  "too many actions hang in the orchestrator")),
          Duration.ZERO);
      return;
    }
    var performer =
        Thread.ofVirtual()
            .name(action.verb() + " " + action.subject())
            .unstarted(() -> perform(action));
    performing.put(action, performer);
    performer.start();
  }

  private void perform(Action action) {
    var begun = clock.instant();
    Optional<LoopEvent.Failure> failure;
    try {
      orchestrator.perform(action);
      failure = Optional.empty();
    } catch (OrchestratorException e) {
      failure = Optional.of(new LoopEvent.Failure(e.kind(), String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      // A defect of the adapter must not leave the action in flight for ever.
      failure =
          Optional.of(new LoopEvent.Failure(OrchestratorException.Kind.REJECTED, e.toString()));
    } finally {
      performing.remove(action);
      performers.release();
    }
    end(action, failure, Duration.between(begun, clock.instant()));
  }

  private void end(Action action, Optional<LoopEvent.Failure> failure, Duration took) {
    ended.add(new Ended(action, failure, took));
    trigger(Trigger.ACTION_ENDED);
  }

  // Demand.

  private void follow(ServiceId service, DemandSource source) {
    while (!closed) {
      var asked = clock.instant();
      Reading reading;
      try {
        reading = source.read(asked);
      } catch (RuntimeException e) {
        reading = new Reading.Missing("the source failed: " + e, clock.instant());
      }
      if (closed) {
        return;
      }
      readings.put(service, reading);
      trigger(Trigger.READING);
      var next = source.next(clock.instant());
      if (next.isEmpty()) {
        return;
      }
      for (var now = clock.instant(); !closed && now.isBefore(next.get()); now = clock.instant()) {
        LockSupport.parkNanos(this, Math.max(1, Duration.between(now, next.get()).toNanos()));
      }
    }
  }

  /// Ends the passes and waits a few seconds for actions in flight. All replicas are left as they
  /// are; the orchestrator and the sources stay open.
  @Override
  public void close() {
    closed = true;
    readers.forEach(Thread::interrupt);
    LockSupport.unpark(thread);
    var until = clock.instant().plus(CLOSING);
    try {
      for (var performer : performing.values()) {
        var left = Duration.between(clock.instant(), until);
        if (left.isPositive()) {
          performer.join(left);
        }
      }
      thread.join(CLOSING);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
