package io.microscale.orchestrators.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/// Finds out when started processes are ready. Confined to the event thread.
///
/// A line of output is found when it is written, without looking twice. That a port takes
/// connections nobody tells: it is tried after 1 ms, then less and less often, at least every 20
/// ms.
final class ReadinessWatch {
  /// Who is to know.
  interface Outcome {
    void ready(LocalProcess process);

    void late(LocalProcess process, Duration within);
  }

  private static final Duration FIRST_TRY = Duration.ofMillis(1);
  private static final Duration SELDOM = Duration.ofMillis(20);

  /// @param file ends the watch of the output; empty if it is not watched
  private record Waiting(LocalProcess process, Readiness readiness, OptionalInt file) {}

  private final EventThread thread;
  private final Outcome outcome;
  private final Map<Long, Waiting> waiting = new HashMap<>();

  ReadinessWatch(EventThread thread, Outcome outcome) {
    this.thread = thread;
    this.outcome = outcome;
  }

  /// Begins to wait for a process that runs already.
  void begin(LocalProcess process, Readiness readiness) {
    switch (readiness) {
      case Readiness.Started _ -> outcome.ready(process);
      case Readiness.OutputLine(_, var within) -> {
        var file = thread.poller().addFile(process.log().file(), process.key());
        waiting.put(process.key(), new Waiting(process, readiness, file));
        limit(process, within);
        if (file.isPresent()) {
          // What was written before the watch began is not told.
          written(process.key());
        } else {
          look(process.key());
        }
      }
      case Readiness.TcpPort(var port, var within) -> {
        waiting.put(process.key(), new Waiting(process, readiness, OptionalInt.empty()));
        limit(process, within);
        var chosen = port.isPresent() ? port : process.record().port();
        connect(process, chosen.orElseThrow(), FIRST_TRY);
      }
    }
  }

  private void limit(LocalProcess process, Duration within) {
    thread.after(
        within,
        () -> {
          if (!waiting.containsKey(process.key())) {
            return;
          }
          if (process.record().paused()) {
            limit(process, within); // it had no chance meanwhile
          } else {
            end(process);
            outcome.late(process, within);
          }
        });
  }

  /// Something was written to the output of the process of this key.
  void written(long key) {
    var wait = waiting.get(key);
    if (wait == null || !(wait.readiness instanceof Readiness.OutputLine(var line, _))) {
      return;
    }
    boolean found;
    try {
      found = wait.process.log().hasNewLine(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (found) {
      ready(wait.process);
    }
  }

  /// Looks again and again at the output of a process that cannot be watched.
  private void look(long key) {
    if (waiting.containsKey(key)) {
      written(key);
      thread.after(SELDOM, () -> look(key));
    }
  }

  private void connect(LocalProcess process, int port, Duration pause) {
    thread.after(
        pause,
        () -> {
          if (!waiting.containsKey(process.key())) {
            return;
          }
          if (!process.record().paused() && takesConnections(port)) {
            ready(process);
          } else {
            var longer = pause.multipliedBy(2);
            connect(process, port, longer.compareTo(SELDOM) < 0 ? longer : SELDOM);
          }
        });
  }

  /// On the loopback address the kernel answers at once, or the port is not taken care of.
  private static boolean takesConnections(int port) {
    try (var channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      return channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
          || channel.finishConnect();
    } catch (IOException e) {
      return false;
    }
  }

  private void ready(LocalProcess process) {
    end(process);
    outcome.ready(process);
  }

  /// Waits no longer.
  void end(LocalProcess process) {
    var wait = waiting.remove(process.key());
    if (wait != null) {
      wait.file.ifPresent(thread.poller()::removeFile);
      process.log().close();
    }
  }
}
