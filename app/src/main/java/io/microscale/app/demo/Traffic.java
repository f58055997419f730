package io.microscale.app.demo;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Engine;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// The users of "web" and the books of both services: sends requests at the demand that is in
/// force, whatever made it so, counts answers and blocks, and reports them to the engine.
///
/// It knows of replicas what every observer of the engine knows: one is ready when the engine has
/// seen it running, and gets nothing more once the engine has decided to pause or stop it. All work
/// is done on one thread, which sleeps until the next request, answer or event.
final class Traffic implements Consumer<LoopEvent>, AutoCloseable {
  private static final int WAITING_AT_MOST = 1 << 14;
  private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long ASLEEP_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long CLOSING_MILLIS = 2_000;
  private static final Object END = new Object();

  private final ServiceId web;
  private final ServiceId batch;
  private final double perReplicaSecond;
  private final InstantSource clock;
  private final Workshop workshop;
  private final Dispatcher dispatcher;
  private final BatchBook book = new BatchBook();
  private final ArrayBlockingQueue<Object> mailbox = new ArrayBlockingQueue<>(WAITING_AT_MOST);
  private final AtomicLong lost = new AtomicLong();
  private final Arrivals arrivals = new Arrivals(System.nanoTime());
  private final Thread thread = Thread.ofPlatform().daemon().name("traffic").unstarted(this::run);
  private @Nullable Engine engine;
  private volatile boolean closing;
  private volatile Totals totals;

  // Of the thread:
  private double demand;
  private double spike;
  private Instant spikeUntil = Instant.EPOCH;
  private long lostSeen;
  private long sentAt = System.nanoTime();
  private long skipped;
  private long nextReport;

  /// What was done so far.
  ///
  /// @param skipped requests that were not sent, since this process had not run for two seconds
  /// @param lost what batch replicas that ended had computed since their last block
  record Totals(
      Dispatcher.Counts requests, long skipped, long blocks, long wrongBlocks, Duration lost) {}

  Traffic(
      ServiceId web,
      ServiceId batch,
      double perReplicaSecond,
      long seed,
      Workshop workshop,
      InstantSource clock) {
    this.web = web;
    this.batch = batch;
    this.perReplicaSecond = perReplicaSecond;
    this.clock = clock;
    this.workshop = workshop;
    this.dispatcher = new Dispatcher(perReplicaSecond, seed, workshop);
    this.totals = new Totals(dispatcher.counts(), 0, 0, 0, Duration.ZERO);
  }

  /// Begins. Events may have been told before.
  void start(Engine of) {
    engine = of;
    workshop.listen(this::post, _ -> lost.incrementAndGet());
    thread.start();
  }

  @Override
  public void accept(LoopEvent event) {
    switch (event) {
      case LoopEvent.Observed _, LoopEvent.Passed _ -> post(event);
      case LoopEvent.ReadingTaken taken when taken.service().equals(web) -> post(event);
      case LoopEvent.Overridden set when set.service().equals(web) -> post(event);
      case LoopEvent.ActionEnded ended when ended.action().service().equals(web) -> post(event);
      default -> {}
    }
  }

  /// Events and lines that could not be taken.
  long lost() {
    return lost.get();
  }

  Totals totals() {
    return totals;
  }

  /// From sending a request to its right answer; to be read when this is closed.
  Histogram answerMicros() {
    return dispatcher.answerMicros();
  }

  /// Sends nothing more, waits for the answers that are still to come and reports for the last
  /// time.
  @Override
  public void close() {
    closing = true;
    post(END);
    try {
      thread.join(CLOSING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void post(Object message) {
    if (!mailbox.offer(message)) {
      lost.incrementAndGet();
    }
  }

  private void run() {
    try {
      while (true) {
        var message = mailbox.poll(Math.max(0, wakeAt() - System.nanoTime()), TimeUnit.NANOSECONDS);
        long now = System.nanoTime();
        for (; message != null; message = mailbox.poll()) {
          take(message, now);
        }
        if (lost.get() != lostSeen) {
          lostSeen = lost.get();
          lookAround(now);
        }
        send(now);
        dispatcher.expire(now);
        boolean done = closing && dispatcher.nextExpiry().isEmpty();
        if (done || now >= nextReport) {
          nextReport = now + REPORT_NANOS;
          report();
        }
        if (done) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long wakeAt() {
    long wake = Math.min(nextReport, dispatcher.nextExpiry().orElse(Long.MAX_VALUE));
    return closing ? wake : Math.min(wake, arrivals.next().orElse(Long.MAX_VALUE));
  }

  private void send(long now) {
    if (spike > 0 && !clock.instant().isBefore(spikeUntil)) {
      // The engine is told nothing when a spike ends; the demand is over all the same.
      demand = Math.max(0, demand - spike);
      spike = 0;
      arrivals.rate(demand * perReplicaSecond, now);
    }
    int due = arrivals.due(now);
    if (now - sentAt > ASLEEP_NANOS) {
      // The machine was asleep, and so were its users.
      skipped += due;
      due = 0;
    }
    sentAt = now;
    for (; due > 0 && !closing; due--) {
      dispatcher.request(now);
    }
  }

  private void report() {
    var counts = dispatcher.counts();
    var now =
        new Totals(counts, skipped, book.done(), book.wrong(), Duration.ofNanos(book.lostNanos()));
    if (!now.equals(totals) && engine != null) {
      engine.reportWork(web, (double) counts.answered(), (double) counts.missed(), Duration.ZERO);
      engine.reportWork(batch, (double) now.blocks, 0, now.lost);
    }
    totals = now;
  }

  private void take(Object message, long now) {
    switch (message) {
      case Said.Answer answer -> dispatcher.answer(answer, now);
      case Said.Block block -> book.finished(block.replica(), block.isRight(), now);
      case LoopEvent.Observed observed -> observe(observed, now);
      case LoopEvent.Passed passed -> passed.plan().steps().forEach(step -> intend(step.action()));
      case LoopEvent.ActionEnded ended -> {
        if (ended.action() instanceof Action.OfReplica one
            && (ended.failure().isPresent() || one instanceof Action.Resume)) {
          lookAt(one.replica(), now);
        }
      }
      case LoopEvent.ReadingTaken(var at, _, Reading.Value(double value, _), _) -> {
        spike = at.isBefore(spikeUntil) ? spike : 0;
        demand = value;
        arrivals.rate(demand * perReplicaSecond, now);
      }
      case LoopEvent.Overridden(_, _, ManualOverride set) -> {
        spike = set.spike();
        spikeUntil = set.spikeUntil();
      }
      default -> {}
    }
  }

  private void observe(LoopEvent.Observed observed, long now) {
    if (observed.complete()) {
      var there = observed.changed().stream().map(Replica::id).toList();
      var known = new ArrayList<>(dispatcher.known());
      known.addAll(book.known().keySet());
      known.stream().filter(id -> !there.contains(id)).forEach(id -> gone(id, now));
    }
    observed.gone().forEach(gone -> gone(gone.replica(), now));
    observed.changed().forEach(replica -> observe(replica, now));
  }

  private void observe(Replica replica, long now) {
    boolean isWeb = replica.service().equals(web);
    switch (replica.state()) {
      case STARTING -> {}
      case RUNNING -> {
        if (isWeb) {
          dispatcher.ready(replica.id(), now);
        } else {
          book.running(replica.id(), now);
        }
      }
      case PAUSED -> {
        if (isWeb) {
          dispatcher.paused(replica.id(), now);
        } else {
          book.halted(replica.id(), now);
        }
      }
      case STOPPING -> {
        if (isWeb) {
          dispatcher.leaving(replica.id());
        }
      }
    }
  }

  private void gone(ReplicaId id, long now) {
    dispatcher.gone(id, now);
    book.gone(id, now);
    workshop.forget(id);
  }

  /// What the engine is about to do, before it does it.
  private void intend(Action action) {
    if (action.service().equals(web)) {
      switch (action) {
        case Action.Pause(_, var id) -> dispatcher.leaving(id);
        case Action.Stop(_, var id) -> dispatcher.leaving(id);
        default -> {}
      }
    }
  }

  /// An intention came to nothing, or was taken back before its effect was seen.
  private void lookAt(ReplicaId id, long now) {
    if (engine != null) {
      engine
          .status()
          .snapshot()
          .flatMap(snapshot -> snapshot.of(web).find(id))
          .ifPresent(replica -> observe(replica, now));
    }
  }

  /// Events were lost: starts over from what is.
  private void lookAround(long now) {
    if (engine == null) {
      return;
    }
    var status = engine.status();
    status
        .snapshot()
        .ifPresent(
            snapshot ->
                observe(
                    new LoopEvent.Observed(
                        status.at(),
                        true,
                        snapshot.nodes(),
                        snapshot.replicas(),
                        List.of(),
                        snapshot.standings()),
                    now));
    if (status.readings().get(web) instanceof Reading.Value(double value, _)) {
      demand = value;
      arrivals.rate(demand * perReplicaSecond, now);
    }
  }
}
