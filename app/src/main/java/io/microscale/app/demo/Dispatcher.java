package io.microscale.app.demo;

import io.microscale.core.model.ReplicaId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Hands requests to ready replicas, as a load balancer does, and judges the answers.
///
/// A replica takes `perSecond` requests a second (a token bucket that holds two) and two at once;
/// among those that can take one, the one with the most room gets it. There is no queue: a request
/// for which no ready replica has room is missed at once, and so is one without the right answer
/// within [#PATIENCE_NANOS]. A request that lies at a replica when that is paused or gone is handed
/// to another one, once.
///
/// Time comes in as nanoseconds of any clock that never goes back. One thread calls it.
final class Dispatcher {
  static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final double BURST = 2;
  private static final int AT_ONCE = 2;

  /// How a request reaches a replica.
  interface Wire {
    /// Sends without waiting.
    ///
    /// @return whether it was sent
    boolean send(ReplicaId replica, long request, long question);
  }

  /// Requests so far. `sent` = answered + missed + those still waited for.
  ///
  /// @param missed without the right answer in time; `wrong` of them had a wrong one, `refused` no
  ///   replica had room for
  /// @param retried handed to a second replica
  record Counts(long sent, long answered, long missed, long wrong, long refused, long retried) {}

  private final double perNano;
  private final Wire wire;
  private final SplittableRandom questions;
  private final Map<ReplicaId, Replica> replicas = new TreeMap<>();
  private final Map<Long, Request> open = new HashMap<>();
  private final Deque<Request> byDeadline = new ArrayDeque<>();
  private final Histogram answerMicros = new Histogram(3);
  private long sent;
  private long answered;
  private long missed;
  private long wrong;
  private long refused;
  private long retried;

  private static final class Replica {
    final ReplicaId id;
    boolean ready;
    int atOnce;
    double tokens = BURST;
    long filledAt;

    Replica(ReplicaId id, long now) {
      this.id = id;
      this.filledAt = now;
    }
  }

  private static final class Request {
    final long id;
    final long question;
    final long sentAt;
    @Nullable Replica at;
    boolean retried;

    Request(long id, long question, long sentAt) {
      this.id = id;
      this.question = question;
      this.sentAt = sentAt;
    }
  }

  Dispatcher(double perSecond, long seed, Wire wire) {
    this.perNano = perSecond / 1e9;
    this.questions = new SplittableRandom(seed);
    this.wire = wire;
  }

  /// From now on it gets requests.
  void ready(ReplicaId id, long now) {
    replicas.computeIfAbsent(id, _ -> new Replica(id, now)).ready = true;
  }

  /// It gets no more requests; those that it has it may still answer.
  void leaving(ReplicaId id) {
    var replica = replicas.get(id);
    if (replica != null) {
      replica.ready = false;
    }
  }

  /// It is paused: what it has is handed to others. It answers, too late, when it is resumed.
  void paused(ReplicaId id, long now) {
    var replica = replicas.get(id);
    if (replica != null) {
      replica.ready = false;
      retry(replica, now);
    }
  }

  /// It is no more.
  void gone(ReplicaId id, long now) {
    var replica = replicas.remove(id);
    if (replica != null) {
      retry(replica, now);
    }
  }

  List<ReplicaId> known() {
    return List.copyOf(replicas.keySet());
  }

  /// A request comes in.
  void request(long now) {
    sent++;
    var request = new Request(sent, questions.nextInt(Integer.MAX_VALUE), now);
    if (hand(request, now)) {
      open.put(request.id, request);
      byDeadline.addLast(request);
    } else {
      refused++;
      missed++;
    }
  }

  /// An answer comes in. One to a request that is over only makes room.
  void answer(Said.Answer answer, long now) {
    var replica = replicas.get(answer.replica());
    if (replica != null && replica.atOnce > 0) {
      replica.atOnce--;
    }
    var request = open.remove(answer.request());
    if (request == null) {
      return;
    }
    if (answer.result() != Work.answer(request.question)) {
      wrong++;
      missed++;
    } else if (now - request.sentAt > PATIENCE_NANOS) {
      missed++;
    } else {
      answered++;
      answerMicros.recordValue((now - request.sentAt) / 1000);
    }
  }

  /// Gives up what has waited too long.
  void expire(long now) {
    for (var first = oldest(); first != null; first = oldest()) {
      if (now - first.sentAt <= PATIENCE_NANOS) {
        return;
      }
      byDeadline.removeFirst();
      open.remove(first.id);
      missed++;
    }
  }

  /// When [#expire] has something to do at the earliest.
  OptionalLong nextExpiry() {
    var first = oldest();
    return first == null
        ? OptionalLong.empty()
        : OptionalLong.of(first.sentAt + PATIENCE_NANOS + 1);
  }

  Counts counts() {
    return new Counts(sent, answered, missed, wrong, refused, retried);
  }

  /// From sending a request to its right answer, of those that were in time.
  Histogram answerMicros() {
    return answerMicros;
  }

  private @Nullable Request oldest() {
    while (!byDeadline.isEmpty() && !open.containsKey(byDeadline.getFirst().id)) {
      byDeadline.removeFirst();
    }
    return byDeadline.peekFirst();
  }

  private boolean hand(Request request, long now) {
    for (var best = roomiest(now); best != null; best = roomiest(now)) {
      if (wire.send(best.id, request.id, request.question)) {
        best.tokens--;
        best.atOnce++;
        request.at = best;
        return true;
      }
      // It cannot be reached: the orchestrator will say why.
      best.ready = false;
    }
    return false;
  }

  private @Nullable Replica roomiest(long now) {
    Replica best = null;
    for (var replica : replicas.values()) {
      replica.tokens = Math.min(BURST, replica.tokens + (now - replica.filledAt) * perNano);
      replica.filledAt = now;
      if (replica.ready
          && replica.atOnce < AT_ONCE
          && replica.tokens >= 1
          && (best == null || replica.tokens > best.tokens)) {
        best = replica;
      }
    }
    return best;
  }

  private void retry(Replica lost, long now) {
    var stranded = new ArrayList<Request>();
    for (var request : byDeadline) {
      if (request.at == lost && open.containsKey(request.id) && !request.retried) {
        stranded.add(request);
      }
    }
    for (var request : stranded) {
      request.retried = true;
      // If nobody has room it stays where it is: a paused replica may be resumed in time.
      if (hand(request, now)) {
        retried++;
      }
    }
  }
}
