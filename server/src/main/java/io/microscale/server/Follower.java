package io.microscale.server;

import io.microscale.core.loop.Decision;
import io.microscale.core.loop.Engine;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.planning.Waiting;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that follows the engine: takes events from the feed and brings figures, histories,
/// metrics and event stream up to date.
final class Follower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final int BATCH = 512;
  private static final long SAMPLE = ChartHistory.SAMPLE.toNanos();
  private static final long FRAME = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long FRAME_PER_SERVICE = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long FRAME_AT_LEAST_EACH = TimeUnit.SECONDS.toNanos(1);
  private static final long NODES = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long FIGURES = TimeUnit.SECONDS.toNanos(1);

  private final Engine engine;
  private final EventFeed feed;
  private final InstantSource clock;
  private final Figures figures = new Figures();
  private final DecisionHistory decisions = new DecisionHistory();
  private final ChartHistory chart;
  private final Broadcast broadcast;
  // Made on the thread of this follower: that takes a while, and nobody waits for it at the start.
  private final CompletableFuture<Metrics> metrics = new CompletableFuture<>();
  private final Hand hand;
  private final AtomicLong failures = new AtomicLong();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("microscale-events").unstarted(this::run);
  private final long frameInterval;

  private volatile boolean closed;
  private volatile LoopEvent.@Nullable Passed lastPass;
  private volatile LoopEvent.@Nullable Passed lastPlan;
  private long lost;
  private boolean frameDirty = true;
  private boolean nodesDirty = true;
  private boolean figuresDirty = true;
  private long frameAt;
  private long nodesAt;
  private long figuresAt;
  private long sampleAt;

  Follower(Engine engine, EventFeed feed, InstantSource clock, Broadcast broadcast, Hand hand) {
    this.engine = engine;
    this.feed = feed;
    this.clock = clock;
    this.broadcast = broadcast;
    this.hand = hand;
    var services = engine.status().pool().services();
    chart = new ChartHistory(services.stream().map(s -> s.id().value()).toList());
    frameInterval = Math.max(FRAME, services.size() * FRAME_PER_SERVICE);
  }

  void start() {
    if (!feed.holdsTheStart()) {
      resume();
    }
    thread.start();
  }

  Figures figures() {
    return figures;
  }

  DecisionHistory decisions() {
    return decisions;
  }

  ChartHistory chart() {
    return chart;
  }

  /// The metrics; waits until they are there.
  Metrics metrics() {
    return metrics.join();
  }

  LoopEvent.@Nullable Passed lastPass() {
    return lastPass;
  }

  /// The last pass that had steps.
  LoopEvent.@Nullable Passed lastPlan() {
    return lastPlan;
  }

  /// Takes what the feed still holds, and ends.
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    metrics.completeAsync(
        () -> new Metrics(engine, figures, clock, broadcast, feed), Runnable::run);
    var batch = new ArrayList<LoopEvent>(BATCH);
    long start = System.nanoTime();
    frameAt = start;
    nodesAt = start;
    figuresAt = start;
    sampleAt = start;
    while (!closed) {
      try {
        var first = feed.poll(Math.max(0, nextDue() - System.nanoTime()));
        if (feed.lost() != lost) {
          skipAhead();
        } else if (first != null) {
          batch.add(first);
          feed.drainTo(batch, BATCH - 1);
          batch.forEach(this::take);
          batch.clear();
        }
        tick(System.nanoTime());
      } catch (InterruptedException e) {
        break;
      } catch (RuntimeException e) {
        // One event that cannot be digested must not end the following of all others.
        batch.clear();
        if (failures.incrementAndGet() <= 10) {
          LOG.error("following the engine's events", e);
        }
      }
    }
    if (feed.lost() != lost) {
      skipAhead();
    }
    feed.drainTo(batch, Integer.MAX_VALUE);
    batch.forEach(this::take);
  }

  /// Events are missing in the feed: goes on from what is, since what still waits is older than
  /// that and has a gap.
  private void skipAhead() {
    feed.discard();
    long missing = feed.lost() - lost;
    lost += missing;
    resume();
    broadcast.reset("%d events were too many to follow".formatted(missing));
  }

  private void resume() {
    var status = engine.status();
    figures.resume(status);
    decisions.resume(status);
    hand.resume(status);
    nodesDirty = true;
    frameDirty = true;
    figuresDirty = true;
  }

  private void take(LoopEvent event) {
    frameDirty = true;
    figuresDirty = true;
    figures.accept(event);
    decisions.accept(event);
    metrics.join().accept(event);
    var type =
        switch (event) {
          case LoopEvent.Started _ -> StreamType.STARTED;
          case LoopEvent.ReadingTaken _ -> StreamType.READING;
          case LoopEvent.Overridden overridden -> {
            hand.told(overridden);
            yield StreamType.OVERRIDDEN;
          }
          case LoopEvent.Observed _ -> {
            nodesDirty = true;
            yield StreamType.OBSERVED;
          }
          case LoopEvent.ObserveFailed _ -> StreamType.BLIND;
          case LoopEvent.Passed passed -> {
            var before = lastPass;
            lastPass = passed;
            if (!passed.plan().steps().isEmpty()) {
              lastPlan = passed;
            }
            yield before == null || changes(before, passed) ? StreamType.PASSED : StreamType.IDLE;
          }
          case LoopEvent.ActionEnded _ -> StreamType.ACTION;
          case LoopEvent.Reacted _ -> StreamType.REACTED;
          case LoopEvent.WorkReported _ -> StreamType.WORK;
          case LoopEvent.Stopped _ -> StreamType.STOPPED;
        };
    broadcast.publish(type, json -> EventJson.write(json, event));
  }

  /// Whether a pass came to something else than the one before: it has steps, or claims, grants or
  /// waits for other numbers.
  static boolean changes(LoopEvent.Passed before, LoopEvent.Passed after) {
    if (!after.plan().steps().isEmpty() || before.decisions().size() != after.decisions().size()) {
      return true;
    }
    for (int i = 0; i < after.decisions().size(); i++) {
      if (!sameNumbers(before.decisions().get(i), after.decisions().get(i))) {
        return true;
      }
    }
    return !waits(before.plan().waiting()).equals(waits(after.plan().waiting()));
  }

  private static boolean sameNumbers(Decision a, Decision b) {
    return a.service().equals(b.service())
        && a.claim().replicas() == b.claim().replicas()
        && a.claim().basis() == b.claim().basis()
        && a.grant().granted() == b.grant().granted();
  }

  private static List<String> waits(List<Waiting> waiting) {
    return waiting.stream().map(w -> w.service() + " " + w.replicas()).toList();
  }

  private long nextDue() {
    if (!broadcast.hasClients()) {
      return sampleAt;
    }
    long due = Math.min(sampleAt, frameAt + (frameDirty ? frameInterval : FRAME_AT_LEAST_EACH));
    if (nodesDirty) {
      due = Math.min(due, nodesAt + NODES);
    }
    return figuresDirty ? Math.min(due, figuresAt + FIGURES) : due;
  }

  private void tick(long now) {
    boolean watched = broadcast.hasClients();
    if (watched && now - frameAt >= (frameDirty ? frameInterval : FRAME_AT_LEAST_EACH)) {
      frameAt = now;
      frameDirty = false;
      var frame = frame();
      broadcast.publish(StreamType.FRAME, frame::write);
    }
    if (watched && nodesDirty && now - nodesAt >= NODES) {
      nodesAt = now;
      nodesDirty = false;
      var status = engine.status();
      broadcast.publish(
          StreamType.NODES, json -> StatusJson.writeNodes(json, status, clock.instant()));
    }
    if (watched && figuresDirty && now - figuresAt >= FIGURES) {
      figuresAt = now;
      figuresDirty = false;
      var snapshot = figures.snapshot(clock.instant());
      broadcast.publish(StreamType.FIGURES, json -> StatusJson.figures(json, snapshot));
    }
    if (now - sampleAt >= 0) {
      sampleAt = now - sampleAt > SAMPLE ? now + SAMPLE : sampleAt + SAMPLE;
      chart.add(frame());
    }
  }

  private Frame frame() {
    return Frame.of(engine.status(), clock.instant(), figures);
  }
}
