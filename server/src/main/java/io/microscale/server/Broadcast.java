package io.microscale.server;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Hands each message of the event stream to every client, and keeps the last ones for those that
/// come back.
///
/// Bounded everywhere: 2,000 messages or 4 MiB are kept, a client has 256 messages or 4 MiB waiting
/// before it is dropped, and there are 64 clients. Nothing is written out while nobody listens and
/// nobody did in the last minute.
final class Broadcast {
  private static final int KEPT = 2_000;
  private static final int KEPT_BYTES = 4 << 20;
  private static final int MESSAGE_BYTES = 1 << 20;
  private static final int CLIENTS = 64;
  private static final long CLOSING_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long INTEREST_NANOS = TimeUnit.SECONDS.toNanos(60);

  /// One event as it goes over the wire, with its number. The bytes are shared and never changed.
  static final class Message {
    private final long number;
    private final StreamType type;
    private final byte[] wire;

    Message(long number, StreamType type, byte[] wire) {
      this.number = number;
      this.type = type;
      this.wire = wire;
    }

    long number() {
      return number;
    }

    byte[] wire() {
      return wire;
    }

    boolean isFor(Set<StreamType> types) {
      return type == StreamType.RESET || types.contains(type);
    }
  }

  private final String run;
  private final ArrayDeque<Message> kept = new ArrayDeque<>();
  private final Set<StreamClient> clients = new HashSet<>();
  private final AtomicLong dropped = new AtomicLong();
  private int keptBytes;
  private long last; // the number of the newest message, written out or not
  private long interestUntil = System.nanoTime();
  private boolean closed;

  /// @param run tells this run of the engine from others, in the id of each event
  Broadcast(String run) {
    this.run = run;
  }

  /// Whether messages have to be written out: there is a client, or was one or a caller of the
  /// status a minute ago.
  synchronized boolean isWatched() {
    return !clients.isEmpty() || System.nanoTime() - interestUntil < 0;
  }

  synchronized boolean hasClients() {
    return !clients.isEmpty();
  }

  synchronized int clients() {
    return clients.size();
  }

  /// Clients that were dropped because they did not read fast enough.
  long dropped() {
    return dropped.get();
  }

  /// The id of the newest event; events that follow it are kept from now on.
  synchronized String lastId() {
    interestUntil = System.nanoTime() + INTEREST_NANOS;
    return id(last);
  }

  /// Gives a message to all who want it.
  synchronized void publish(StreamType type, Json.Content content) {
    if (!isWatched()) {
      last++;
      kept.clear();
      keptBytes = 0;
      return;
    }
    var message = message(type, Json.bytes(content));
    kept.addLast(message);
    keptBytes += message.wire().length;
    while (kept.size() > KEPT || keptBytes > KEPT_BYTES) {
      keptBytes -= kept.removeFirst().wire().length;
    }
    for (var client : List.copyOf(clients)) {
      if (message.isFor(client.types()) && !client.offer(message)) {
        drop(client);
      }
    }
  }

  /// Tells every client that events are missing.
  void reset(String reason) {
    publish(StreamType.RESET, json -> writeReset(json, reason));
  }

  /// Lets a client in, with what it missed.
  ///
  /// @param lastEventId the id of the event it saw last, null if it saw none
  /// @param cut ends its connection at once
  /// @throws Refusal if there are too many
  synchronized StreamClient join(
      Set<StreamType> types, @Nullable String lastEventId, Runnable cut) {
    if (closed || clients.size() >= CLIENTS) {
      throw new Refusal(
          503,
          "events",
          closed ? "the server is stopping" : "at most %d clients at a time".formatted(CLIENTS),
          null);
    }
    var client = new StreamClient(types, missed(types, lastEventId), cut);
    clients.add(client);
    return client;
  }

  synchronized void leave(StreamClient client) {
    if (clients.remove(client)) {
      interestUntil = System.nanoTime() + INTEREST_NANOS;
      notifyAll();
    }
  }

  /// Lets nobody in any more, and the clients have what is waiting for them; those that take longer
  /// than a moment are cut off.
  synchronized void close() {
    closed = true;
    clients.forEach(StreamClient::finish);
    long until = System.nanoTime() + CLOSING_NANOS;
    try {
      while (!clients.isEmpty() && System.nanoTime() - until < 0) {
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, until - System.nanoTime()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    clients.forEach(StreamClient::end);
    clients.clear();
  }

  private List<Message> missed(Set<StreamType> types, @Nullable String lastEventId) {
    if (lastEventId == null || lastEventId.isEmpty()) {
      return List.of();
    }
    long seen = number(lastEventId);
    long before = kept.isEmpty() ? last : kept.getFirst().number() - 1;
    if (seen < before || seen > last) {
      return List.of(
          new Message(
              last,
              StreamType.RESET,
              wire(
                  last,
                  StreamType.RESET,
                  Json.bytes(
                      json ->
                          writeReset(
                              json,
                              "what followed %s is not kept".formatted(shortened(lastEventId)))))));
    }
    var missed = new ArrayList<Message>();
    for (var message : kept) {
      if (message.number() > seen && message.isFor(types)) {
        missed.add(message);
      }
    }
    return missed;
  }

  private static String shortened(String id) {
    return id.length() <= 60 ? id : id.substring(0, 60) + "…";
  }

  /// @return -1 if it is not an id of this run
  private long number(String id) {
    if (!id.startsWith(run + "-") || id.length() > run.length() + 19) {
      return -1;
    }
    try {
      return Long.parseLong(id.substring(run.length() + 1));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void drop(StreamClient client) {
    clients.remove(client);
    client.end();
    dropped.incrementAndGet();
  }

  private Message message(StreamType type, byte[] data) {
    long number = ++last;
    if (data.length <= MESSAGE_BYTES) {
      return new Message(number, type, wire(number, type, data));
    }
    var reset =
        Json.bytes(
            json ->
                writeReset(
                    json,
                    "'%s' of %d bytes is too large to send".formatted(type.word(), data.length)));
    return new Message(number, type, wire(number, StreamType.RESET, reset));
  }

  private byte[] wire(long number, StreamType type, byte[] data) {
    var head =
        "event: %s\nid: %s\ndata: "
            .formatted(type.word(), id(number))
            .getBytes(StandardCharsets.US_ASCII);
    var wire = new byte[head.length + data.length + 2];
    System.arraycopy(head, 0, wire, 0, head.length);
    System.arraycopy(data, 0, wire, head.length, data.length);
    wire[wire.length - 2] = '\n';
    wire[wire.length - 1] = '\n';
    return wire;
  }

  private String id(long number) {
    return run + "-" + number;
  }

  private static void writeReset(JsonGenerator json, String reason) throws IOException {
    json.writeStartObject();
    json.writeNumberField("v", EventJson.VERSION);
    json.writeStringField("reason", reason);
    json.writeEndObject();
  }
}
