package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Follows all objects of one path: their state first, then each change, for as long as it is open.
///
/// The state comes over the watch itself (`sendInitialEvents`), which ends it with a bookmark, so
/// that nothing is listed; a server that cannot do that is asked for a list. A watch that ends by
/// itself goes on where it was. After one that broke, or whose place the server has forgotten, the
/// state is told anew, and only then is it known again: see [#requireKnown].
final class ObjectStream implements AutoCloseable {
  /// Takes what is told. Called by one thread at a time.
  interface Sink {
    void put(JsonNode object);

    void remove(String uid);

    /// All that there is has been told: what is not among these is gone.
    void retain(Set<String> uids);

    /// The state is known, for the first time or again after it was not.
    void known();
  }

  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final int WATCH_SECONDS = 600;
  private static final int PAGE = 500;
  private static final int LONGEST_LINE = 16 << 20;
  private static final String INITIAL_END = "k8s.io/initial-events-end";

  private final Api api;
  private final String path;
  private final Runnable heard;
  private final Sink sink;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Object lock = new Object();

  // Guarded by lock.
  private boolean unknown = true;
  private boolean everKnown;
  private String lastFailure = "";
  private long unknownSinceNanos = System.nanoTime();
  private @Nullable CompletableFuture<Void> current;

  // Of the thread that runs, or of what it waits for.
  private @Nullable String version;
  private @Nullable Set<String> told;
  private boolean lists;

  /// @param heard called whenever something comes
  ObjectStream(Api api, String path, Runnable heard, Sink sink) {
    this.api = api;
    this.path = path;
    this.heard = heard;
    this.sink = sink;
  }

  void start() {
    Thread.ofVirtual().name("watch of " + path).start(this::run);
  }

  String path() {
    return path;
  }

  /// Returns if the state is known, or was known until a moment ago and is being asked for.
  ///
  /// @throws OrchestratorException `UNAVAILABLE` otherwise
  void requireKnown(Duration longestDoubt) {
    synchronized (lock) {
      if (!unknown) {
        return;
      }
      var since = Duration.ofNanos(System.nanoTime() - unknownSinceNanos);
      if (!everKnown || since.compareTo(longestDoubt) > 0) {
        var why = lastFailure.isEmpty() ? "" : ": " + lastFailure;
        throw new OrchestratorException(
            Kind.UNAVAILABLE, "the state of %s is not known%s".formatted(path, why));
      }
    }
  }

  /// Gives up the present connection, of which nothing may be expected any more, and asks for the
  /// whole state on a new one.
  void restart() {
    CompletableFuture<Void> broken;
    synchronized (lock) {
      lost();
      broken = current;
    }
    if (broken != null) {
      broken.completeExceptionally(new IOException("given up"));
    }
  }

  private void run() {
    var pause = FIRST_PAUSE;
    while (closed.getCount() > 0) {
      try {
        if (lists && version == null) {
          list();
        }
        follow();
        pause = FIRST_PAUSE;
        continue;
      } catch (IOException | RuntimeException e) {
        version = null;
        synchronized (lock) {
          if (!unknown) {
            pause = FIRST_PAUSE;
          }
          lost();
          lastFailure = String.valueOf(e.getMessage());
        }
      } catch (InterruptedException _) {
        return;
      }
      try {
        if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException _) {
        return;
      }
      var longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
  }

  private void lost() {
    synchronized (lock) {
      if (!unknown) {
        unknown = true;
        unknownSinceNanos = System.nanoTime();
      }
    }
  }

  private void known() {
    synchronized (lock) {
      unknown = false;
      everKnown = true;
      lastFailure = "";
    }
  }

  private void list() throws IOException {
    var all = new HashSet<String>();
    var next = "";
    do {
      var more =
          next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
      var answer = api.get(path + separator() + "limit=" + PAGE + more);
      if (!answer.ok()) {
        throw new IOException(answer.message());
      }
      for (var item : answer.body().path("items")) {
        all.add(uid(item));
        sink.put(item);
      }
      version = answer.body().path("metadata").path("resourceVersion").asString("");
      next = answer.body().path("metadata").path("continue").asString("");
    } while (!next.isEmpty());
    sink.retain(all);
    known();
    sink.known();
  }

  /// Reads one watch to its end.
  ///
  /// @throws IOException if it broke
  private void follow() throws IOException, InterruptedException {
    var from = version;
    told = from == null ? new HashSet<>() : null;
    var place =
        from == null
            ? "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
            : "&resourceVersion=" + from;
    var request =
        api.http()
            .newHttpRequestBuilder()
            .uri(
                "%s%s%swatch=true&allowWatchBookmarks=true&timeoutSeconds=%d%s"
                    .formatted(api.server(), path, separator(), WATCH_SECONDS, place))
            .forStreaming()
            .build();
    var ended = new CompletableFuture<Void>();
    var lines = new Lines(ended);
    synchronized (lock) {
      current = ended;
    }
    var asked = api.http().consumeBytes(request, lines);
    AsyncBody body = null;
    try {
      var response = asked.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
      body = response.body();
      lines.ok = response.code() / 100 == 2;
      var _ =
          body.done()
              .whenComplete(
                  (_, failure) -> {
                    if (failure == null) {
                      ended.complete(null);
                    } else {
                      ended.completeExceptionally(failure);
                    }
                  });
      if (lines.ok && from != null) {
        known();
      }
      body.consume();
      if (closed.getCount() > 0) {
        ended.get();
      }
      if (!lines.ok) {
        refused(new Answer(response.code(), api.parsed(lines.rest())));
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(e);
    } finally {
      if (body != null) {
        body.cancel();
      }
      asked.cancel(true);
    }
  }

  private String separator() {
    return path.contains("?") ? "&" : "?";
  }

  private void refused(Answer answer) throws IOException {
    if (version == null && answer.invalid()) {
      lists = true;
    }
    throw new IOException(answer.message());
  }

  private void event(String line) throws IOException {
    var event = api.parsed(line);
    var object = event.path("object");
    switch (event.path("type").asString("")) {
      case "ADDED", "MODIFIED" -> {
        if (told != null) {
          told.add(uid(object));
        }
        sink.put(object);
      }
      case "DELETED" -> sink.remove(uid(object));
      case "BOOKMARK" -> {
        if (told != null && object.path("metadata").path("annotations").has(INITIAL_END)) {
          sink.retain(told);
          told = null;
          known();
          sink.known();
        }
      }
      default -> throw new IOException(object.path("message").asString(line));
    }
    version = object.path("metadata").path("resourceVersion").asString("");
  }

  private static String uid(JsonNode object) {
    return object.path("metadata").path("uid").asString("");
  }

  @Override
  public void close() {
    closed.countDown();
    restart();
  }

  /// Cuts what arrives into lines.
  private final class Lines implements AsyncBody.Consumer<List<ByteBuffer>> {
    private final CompletableFuture<Void> ended;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private volatile boolean ok = true;

    private Lines(CompletableFuture<Void> ended) {
      this.ended = ended;
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody body) {
      heard.run();
      try {
        for (var buffer : buffers) {
          take(buffer);
        }
      } catch (IOException | RuntimeException e) {
        ended.completeExceptionally(e);
        return;
      }
      body.consume();
    }

    private void take(ByteBuffer buffer) throws IOException {
      while (buffer.hasRemaining() && !ended.isDone()) {
        byte next = buffer.get();
        if (next == '\n' && ok) {
          event(line.toString(StandardCharsets.UTF_8));
          line.reset();
        } else if (line.size() < LONGEST_LINE) {
          line.write(next);
        } else {
          throw new IOException("an event of more than " + LONGEST_LINE + " bytes");
        }
      }
    }

    private String rest() {
      return line.toString(StandardCharsets.UTF_8);
    }
  }
}
