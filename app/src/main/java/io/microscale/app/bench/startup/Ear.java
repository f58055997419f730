package io.microscale.app.bench.startup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// Listens at the reading end of a pipe for the word READY. The moment is taken by the thread that
/// reads, so it does not matter when somebody asks for it.
final class Ear {
  private static final int MOST_KEPT = 4096;
  private static final int MOST_HEARD = 64;
  private static final int SHOWN = 300;

  private sealed interface Heard {
    record Ready(long nanoTime) implements Heard {}

    record Silence() implements Heard {}
  }

  private final BlockingQueue<Heard> heard = new ArrayBlockingQueue<>(MOST_HEARD);
  private volatile String last = "";

  private Ear() {}

  /// Starts to listen, until the stream ends.
  static Ear at(InputStream stream) {
    var ear = new Ear();
    Thread.ofPlatform().daemon().name("ear").start(() -> ear.listen(stream));
    return ear;
  }

  private void listen(InputStream stream) {
    var buffer = new byte[MOST_KEPT];
    var kept = new StringBuilder();
    int from = 0;
    try {
      for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
        long now = System.nanoTime();
        kept.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
        for (int at = kept.indexOf(Workload.READY, from);
            at >= 0;
            at = kept.indexOf(Workload.READY, from)) {
          from = at + Workload.READY.length();
          heard.offer(new Heard.Ready(now));
        }
        int tooMuch = Math.max(0, kept.length() - MOST_KEPT);
        kept.delete(0, tooMuch);
        from = Math.max(0, from - tooMuch);
        last = kept.toString();
      }
    } catch (IOException e) {
      last = kept + " " + e.getMessage();
    }
    heard.offer(new Heard.Silence());
  }

  /// Forgets what was heard so far.
  void forget() {
    heard.clear();
  }

  /// The moment, as of [System#nanoTime()], of the first READY that nobody has asked for yet.
  ///
  /// @throws IOException if it does not come in time, with the last words instead
  long ready(Duration patience) throws IOException, InterruptedException {
    return switch (heard.poll(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      case Heard.Ready(var nanoTime) -> nanoTime;
      case Heard.Silence _ -> throw new IOException("it ended without READY" + lastWords());
      case null ->
          throw new IOException(
              "it did not say READY within %d s%s".formatted(patience.toSeconds(), lastWords()));
    };
  }

  private String lastWords() {
    var words = last.strip().replaceAll("\\s+", " ");
    return words.isEmpty() ? "" : ": " + words.substring(Math.max(0, words.length() - SHOWN));
  }
}
