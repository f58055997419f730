package io.microscale.server;

import io.microscale.core.loop.LoopEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Takes events off the loop's thread: a bounded queue, so that whoever follows may be slow and the
/// loop never waits. Events beyond the bound are counted and left out.
///
/// Made before the engine and given to it as its first observer, it also holds the first events of
/// the run.
public final class EventFeed implements Consumer<LoopEvent> {
  private static final int WAITING_AT_MOST = 16_384;

  private final ArrayBlockingQueue<LoopEvent> waiting;
  private final AtomicLong lost = new AtomicLong();

  public EventFeed() {
    this(WAITING_AT_MOST);
  }

  EventFeed(int waitingAtMost) {
    waiting = new ArrayBlockingQueue<>(waitingAtMost);
  }

  @Override
  public void accept(LoopEvent event) {
    if (!waiting.offer(event)) {
      lost.incrementAndGet();
    }
  }

  /// How many events found the queue full, since the start.
  public long lost() {
    return lost.get();
  }

  /// Whether what waits here begins with the first event of the run, so that nothing came before.
  boolean holdsTheStart() {
    return waiting.peek() instanceof LoopEvent.Started;
  }

  /// Leaves out what waits: after a gap it says less than the engine's status does.
  void discard() {
    var gone = new ArrayList<LoopEvent>();
    lost.addAndGet(waiting.drainTo(gone));
  }

  @Nullable LoopEvent poll(long nanos) throws InterruptedException {
    return waiting.poll(nanos, TimeUnit.NANOSECONDS);
  }

  void drainTo(Collection<LoopEvent> events, int most) {
    waiting.drainTo(events, most);
  }
}
