package io.microscale.server;

import io.microscale.server.Broadcast.Message;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// One listener of the event stream: a bounded queue, emptied by the thread of its request.
final class StreamClient {
  private static final int WAITING_MESSAGES = 256;
  private static final int WAITING_BYTES = 4 << 20;
  private static final int HEARTBEAT_SECONDS = 10;
  private static final byte[] HELLO = "retry: 1000\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HEARTBEAT = ": alive\n\n".getBytes(StandardCharsets.US_ASCII);

  private final Set<StreamType> types;
  private final List<Message> missed;
  private final ArrayBlockingQueue<Message> waiting = new ArrayBlockingQueue<>(WAITING_MESSAGES);
  private final AtomicInteger waitingBytes = new AtomicInteger();
  private volatile boolean ended;
  private volatile boolean finishing;
  private final Runnable cut;

  /// A listener that has not begun to read.
  ///
  /// @param missed what is sent first
  /// @param cut ends the connection at once, even while something is being written to it
  StreamClient(Set<StreamType> types, List<Message> missed, Runnable cut) {
    this.types = types;
    this.missed = missed;
    this.cut = cut;
  }

  Set<StreamType> types() {
    return types;
  }

  /// Lets a message wait for its turn.
  ///
  /// @return false if too much is waiting already
  boolean offer(Message message) {
    if (waitingBytes.addAndGet(message.wire().length) > WAITING_BYTES) {
      return false;
    }
    return waiting.offer(message);
  }

  /// Ends it at once, and its connection: an orderly end would wait for a client that does not
  /// read.
  void end() {
    ended = true;
    waiting.clear();
    cut.run();
    wake();
  }

  /// Has [#run] return once it has written what is waiting.
  void finish() {
    finishing = true;
    wake();
  }

  private void wake() {
    // If there is no room, the writer is awake.
    waiting.offer(new Message(0, StreamType.RESET, new byte[0]));
  }

  /// Writes until the client goes away or is told to end.
  void run(OutputStream out) {
    try {
      out.write(HELLO);
      for (var message : missed) {
        out.write(message.wire());
      }
      out.flush();
      while (!ended && !(finishing && waiting.isEmpty())) {
        var next = waiting.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
          out.write(HEARTBEAT);
        }
        while (next != null) {
          waitingBytes.addAndGet(-next.wire().length);
          out.write(next.wire());
          next = waiting.poll();
        }
        out.flush();
      }
    } catch (IOException | InterruptedException e) {
      // The client is gone, or was told to end: both are the ordinary end of a stream.
      ended = true;
    }
  }
}
