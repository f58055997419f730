package io.microscale.orchestrators.kubernetes.custom;

import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.planning.Step;
import io.microscale.orchestrators.kubernetes.Fence;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes what an engine decides into the status of the resources that it runs, and what it does to
/// workloads as events of these.
///
/// It never makes the engine wait: an event of the loop is put into a bounded queue, and one that
/// finds it full is counted and left out. Once a second its own thread writes what has changed: of
/// each resource at most once, changes of mere wording only every 30 s, and of all together no more
/// than a bounded number. Nothing is written while nothing changes.
public final class ResourceReporter implements Consumer<LoopEvent>, AutoCloseable {
  static final Duration WORDING = Duration.ofSeconds(30);
  static final int STATUSES_A_SECOND = 20;
  static final int EVENTS_A_SECOND = 5;

  private static final int WAITING = 1_024;
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private sealed interface Item {
    record Planned(List<Step> steps) implements Item {}

    record Ended(LoopEvent.ActionEnded action) implements Item {}
  }

  /// What was written of a resource, and when.
  private record Written(ResourceStatus status, Instant at) {}

  private final StatusApi api;
  private final Fence fence;
  private final String process;
  private final InstantSource clock;
  private final Attempts statusWrites;
  private final Attempts eventWrites;
  private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(WAITING);
  private final AtomicReference<EngineView> engine =
      new AtomicReference<>(EngineView.idle("no engine has started yet"));
  private final AtomicLong lost = new AtomicLong();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread writer;
  private volatile List<Verdict> verdicts = List.of();

  // Of the thread that writes:
  private final Happenings happenings = new Happenings();
  private final EventBook events = new EventBook();
  private final Map<String, Written> written = new HashMap<>(); // by UID
  private Object begun = new Object();

  ResourceReporter(
      StatusApi api, Fence fence, String process, InstantSource clock, Consumer<String> problems) {
    this.api = api;
    this.fence = fence;
    this.process = process;
    this.clock = clock;
    this.statusWrites = new Attempts("statuses of custom resources", problems);
    this.eventWrites = new Attempts("events of workloads", problems);
    this.writer = Thread.ofPlatform().daemon().name("resource status").unstarted(this::run);
  }

  /// Begins to write.
  ///
  /// @param fence is asked before every write: only the leader tells
  /// @param process what people know this process by, such as the name of its pod
  /// @param problems takes a line for people when something cannot be written. Must not block
  public static ResourceReporter start(
      StatusApi api, Fence fence, String process, InstantSource clock, Consumer<String> problems) {
    var reporter = new ResourceReporter(api, fence, process, clock, problems);
    reporter.writer.start();
    return reporter;
  }

  /// Takes what was made of all resources there are, the pool among them.
  public void judged(List<Verdict> all) {
    verdicts = List.copyOf(all);
  }

  /// No engine runs for now.
  ///
  /// @param why for people
  public void idle(String why) {
    engine.set(EngineView.idle(why));
  }

  /// How many events of the loop found the queue full.
  public long lost() {
    return lost.get();
  }

  @Override
  public void accept(LoopEvent event) {
    switch (event) {
      case LoopEvent.Started started -> engine.set(EngineView.started(started.pool()));
      case LoopEvent.Observed observed ->
          engine.updateAndGet(view -> view.backoffs(observed.standings().backoffs()));
      case LoopEvent.ObserveFailed failed ->
          engine.updateAndGet(view -> view.blind(failed.message()));
      case LoopEvent.Passed passed -> {
        engine.updateAndGet(view -> view.passed(passed.decisions()));
        if (!passed.plan().steps().isEmpty()) {
          offer(new Item.Planned(passed.plan().steps()));
        }
      }
      case LoopEvent.ActionEnded ended -> offer(new Item.Ended(ended));
      case LoopEvent.ReadingTaken _,
          LoopEvent.Overridden _,
          LoopEvent.Reacted _,
          LoopEvent.WorkReported _,
          LoopEvent.Stopped _ -> {}
    }
  }

  private void offer(Item item) {
    if (!queue.offer(item)) {
      lost.incrementAndGet();
    }
  }

  private void run() {
    try {
      while (!closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
        tick(clock.instant());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Writes what is due.
  void tick(Instant now) {
    var judged = verdicts;
    var view = engine.get();
    listen(judged, view);
    statusWrites.attempt(now, () -> statuses(judged, view, now));
    eventWrites.attempt(
        now,
        () -> {
          fence.check();
          events.write(api, now, EVENTS_A_SECOND);
        });
  }

  private void listen(List<Verdict> judged, EngineView view) {
    view.pool()
        .filter(pool -> !pool.equals(begun))
        .ifPresent(
            pool -> {
              begun = pool;
              var full = new HashMap<ServiceId, Resources>();
              pool.services().forEach(service -> full.put(service.id(), service.resources()));
              happenings.begin(full);
            });
    var services = new HashMap<String, CustomResource>();
    for (var verdict : judged) {
      if (verdict.resource().kind() == CustomResource.Kind.SERVICE) {
        services.put(verdict.resource().name(), verdict.resource());
      }
    }
    for (var item = queue.poll(); item != null; item = queue.poll()) {
      switch (item) {
        case Item.Planned(var steps) -> happenings.planned(steps);
        case Item.Ended(var ended) -> {
          @Nullable CustomResource service = services.get(ended.action().service().value());
          var happening = happenings.ended(ended);
          if (service != null && happening.isPresent()) {
            events.add(service, happening.get());
          }
        }
      }
    }
  }

  private record Due(CustomResource resource, ResourceStatus status, Instant since) {}

  private void statuses(List<Verdict> judged, EngineView view, Instant now) {
    written.keySet().retainAll(judged.stream().map(v -> v.resource().uid()).toList());
    var due =
        judged.stream()
            .map(verdict -> due(verdict, view, now))
            .filter(d -> isDue(d, now))
            .sorted(Comparator.comparing(Due::since))
            .limit(STATUSES_A_SECOND)
            .toList();
    for (var next : due) {
      fence.check();
      api.write(next.resource, next.status.json(next.resource.generation()));
      written.put(next.resource.uid(), new Written(next.status, now));
    }
  }

  private Due due(Verdict verdict, EngineView view, Instant now) {
    var resource = verdict.resource();
    @Nullable Written before = written.get(resource.uid());
    var status =
        resource.kind() == CustomResource.Kind.POOL
            ? ResourceStatus.ofPool(verdict, view, process, now)
            : ResourceStatus.ofService(verdict, view, now);
    return new Due(
        resource,
        status.after(before == null ? resource.conditions() : before.status.conditions()),
        before == null ? Instant.MIN : before.at);
  }

  private boolean isDue(Due due, Instant now) {
    @Nullable Written before = written.get(due.resource.uid());
    if (before == null) {
      return true;
    }
    boolean early = now.isBefore(before.at.plus(WORDING));
    return early ? !due.status.saysAs(before.status) : !due.status.equals(before.status);
  }

  /// Ends without writing any more: who leads next tells what is.
  @Override
  public void close() {
    closed.countDown();
    try {
      writer.join(PATIENCE);
      if (writer.isAlive()) {
        writer.interrupt();
      }
    } catch (InterruptedException e) {
      writer.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
