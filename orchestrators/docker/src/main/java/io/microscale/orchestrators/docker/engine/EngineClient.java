package io.microscale.orchestrators.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Speaks the Docker Engine API, with Docker, Podman or a Swarm manager.
///
/// Bodies are trees of JSON, not typed models: the settings of a container that is to be copied, or
/// the specification of a service of which one number is changed, have to go back exactly as they
/// came, with the fields that nobody here knows.
///
/// Connections are kept alive and there are as many as there are calls at once, at most 256; each
/// call has a limit and is made on a virtual thread of its own, so that an interrupt of the caller
/// or the limit ends it wherever it hangs. After a call that got no answer, its set of connections
/// is used no more. May be used from any thread.
///
/// Failures are [OrchestratorException]s: `UNAVAILABLE` if the engine cannot be reached, or did not
/// answer a question; `UNCERTAIN` if it was asked to change something and gave no whole answer;
/// else what its answer says, in its own words, see [EngineAnswer#failure].
public final class EngineClient implements AutoCloseable {
  /// How long things may take.
  ///
  /// @param connect until a connection is made
  /// @param read until a question is answered
  /// @param write until a change is answered: under load an engine takes long to start something
  public record Limits(Duration connect, Duration read, Duration write) {
    public static final Limits USUAL =
        new Limits(Duration.ofSeconds(2), Duration.ofSeconds(15), Duration.ofSeconds(60));

    public Limits {
      for (var limit : List.of(connect, read, write)) {
        if (!limit.isPositive()) {
          throw new IllegalArgumentException("limits: need more than 0s, got " + limit);
        }
      }
    }
  }

  private static final int MOST_CALLS = 256;
  private static final int MOST_BYTES = 64 << 20;
  private static final Duration AFTER_INTERRUPT = Duration.ofMillis(200);

  private final EngineAddress address;
  private final Limits limits;
  private final Semaphore calls = new Semaphore(MOST_CALLS);
  private final AtomicReference<Transport> transport;
  private final Set<Transport> streams = ConcurrentHashMap.newKeySet();
  private final EngineVersion version;
  private final boolean onlyLooks;
  private volatile boolean closed;

  private EngineClient(
      EngineAddress address, Limits limits, EngineVersion version, boolean onlyLooks) {
    this.address = address;
    this.limits = limits;
    this.version = version;
    this.onlyLooks = onlyLooks;
    this.transport = new AtomicReference<>(connections());
  }

  /// A client of the engine at this address, in the newest version of the API that both know.
  ///
  /// @throws OrchestratorException `UNAVAILABLE` if it does not answer, `UNSUPPORTED` if it is no
  ///   such engine
  public static EngineClient open(EngineAddress address) {
    return open(address, Limits.USUAL);
  }

  public static EngineClient open(EngineAddress address, Limits limits) {
    return open(address, limits, false);
  }

  /// Likewise.
  ///
  /// @param onlyLooks refuse every call that could change something: for dry runs
  public static EngineClient open(EngineAddress address, Limits limits, boolean onlyLooks) {
    try (var asking = new EngineClient(address, limits, EngineVersion.UNKNOWN, true)) {
      return new EngineClient(
          address, limits, EngineVersion.of(asking.get("/version"), address), onlyLooks);
    }
  }

  private Transport connections() {
    return Transport.to(address, limits.connect, MOST_CALLS);
  }

  public EngineAddress address() {
    return address;
  }

  /// Who answered when this was opened.
  public EngineVersion version() {
    return version;
  }

  /// Asks whether it answers at all.
  public void ping(Duration within) {
    expect(EngineCall.get("/_ping").within(within));
  }

  public JsonNode get(String path) {
    return expect(EngineCall.get(path)).json();
  }

  public JsonNode get(String path, Map<String, String> query) {
    return expect(EngineCall.get(path).query(query)).json();
  }

  public JsonNode post(String path) {
    return expect(EngineCall.post(path)).json();
  }

  public JsonNode post(String path, JsonNode body) {
    return expect(EngineCall.post(path).body(body)).json();
  }

  public JsonNode post(String path, JsonNode body, Map<String, String> query) {
    return expect(EngineCall.post(path).query(query).body(body)).json();
  }

  public JsonNode delete(String path, Map<String, String> query) {
    return expect(EngineCall.delete(path).query(query)).json();
  }

  /// The containers with all of these labels, each `name` or `name=value`, whatever their state.
  public JsonNode containers(List<String> labels) {
    var call =
        EngineCall.get("/containers/json")
            .query(Map.of("all", "1", "filters", EngineAnswer.filters(Map.of("label", labels))));
    var all = expect(call).json();
    if (!all.isArray()) {
      throw failure(Kind.UNAVAILABLE, call, "the answer is no list", null);
    }
    return all;
  }

  /// Makes a call that should succeed.
  ///
  /// @throws OrchestratorException if the engine answers with an error, or not at all
  public EngineAnswer expect(EngineCall call) {
    var answer = send(call);
    if (answer.isError()) {
      throw answer.failure();
    }
    return answer;
  }

  /// Makes a call of which an error may be an answer as good as any.
  ///
  /// @throws OrchestratorException if there is no whole answer
  public EngineAnswer send(EngineCall call) {
    return send(call, Optional.empty());
  }

  /// Makes an image of a file tree, which is a tar file.
  ///
  /// @param name with its tag
  /// @param changes lines of a Dockerfile, such as `CMD ["/bin/sh"]`
  public void importImage(InputStream tar, String name, List<String> changes) {
    var query = new HashMap<>(Map.of("fromSrc", "-", "repo", name));
    if (!changes.isEmpty()) {
      query.put("changes", String.join("\n", changes));
    }
    var call = EngineCall.post("/images/create").query(query).within(limits.write);
    var answer = send(call, Optional.of(tar));
    if (answer.isError()) {
      throw answer.failure();
    }
    // What goes wrong after the headers is told in the body.
    if (answer.text().contains("\"error\"")) {
      throw new OrchestratorException(Kind.REJECTED, "%s: %s".formatted(call, answer.text()));
    }
  }

  private EngineAnswer send(EngineCall call, Optional<InputStream> tar) {
    if (onlyLooks && !call.changesNothing()) {
      throw failure(Kind.REJECTED, call, "nothing is to be changed", null);
    }
    var limit = call.within().orElse(call.changesNothing() ? limits.read : limits.write);
    long deadline = System.nanoTime() + limit.toNanos();
    acquire(call, limit);
    return await(
        call,
        limit,
        deadline,
        () -> {
          try {
            return transfer(call, request(call, tar));
          } finally {
            calls.release();
          }
        });
  }

  private void acquire(EngineCall call, Duration limit) {
    try {
      if (calls.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
      throw failure(Kind.UNAVAILABLE, call, MOST_CALLS + " calls are under way", null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(Kind.UNAVAILABLE, call, "interrupted before it was made", e);
    }
  }

  private <T> T await(EngineCall call, Duration limit, long deadline, Callable<T> work) {
    var task = new FutureTask<>(work);
    var thread = Thread.ofVirtual().name("engine call").start(task);
    try {
      return task.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw failed(call, e);
    } catch (TimeoutException e) {
      thread.interrupt();
      throw failure(lost(call, task), call, "no answer within " + words(limit), e);
    } catch (InterruptedException e) {
      thread.interrupt();
      var kind = lost(call, task);
      Thread.currentThread().interrupt();
      throw failure(kind, call, "interrupted while it waited for the answer", e);
    }
  }

  /// What is known of a call that was given up: nothing was sent if it was still connecting.
  private static Kind lost(EngineCall call, FutureTask<?> task) {
    try {
      task.get(AFTER_INTERRUPT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      return kind(call, e);
    } catch (TimeoutException | InterruptedException _) {
      // It may have been sent.
    }
    return call.changesNothing() ? Kind.UNAVAILABLE : Kind.UNCERTAIN;
  }

  /// What a call fails with if this went wrong.
  OrchestratorException failed(EngineCall call, Throwable cause) {
    var root = cause;
    for (var next = cause; next != null; next = next.getCause()) {
      if (next instanceof OrchestratorException known) {
        return known;
      }
      root = next;
    }
    var why = root.getMessage() == null ? root.toString() : root.getMessage();
    return failure(
        kind(call, cause),
        call,
        isConnecting(cause) ? "cannot connect: " + why : "no whole answer: " + why,
        cause);
  }

  private static Kind kind(EngineCall call, Throwable cause) {
    return call.changesNothing() || isConnecting(cause) ? Kind.UNAVAILABLE : Kind.UNCERTAIN;
  }

  /// Whether it failed before anything of the request was sent. The exceptions for that differ by
  /// the kind of socket and of failure; what they have in common is who was at work.
  private static boolean isConnecting(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      for (var frame : cause.getStackTrace()) {
        if (frame.getClassName().endsWith("HttpClientConnectionOperator")) {
          return true;
        }
      }
    }
    return false;
  }

  OrchestratorException failure(Kind kind, EngineCall call, String why, @Nullable Throwable cause) {
    var message = "%s: %s: %s".formatted(address, call, why);
    return cause == null
        ? new OrchestratorException(kind, message)
        : new OrchestratorException(kind, message, cause);
  }

  DockerHttpClient.Request request(EngineCall call, Optional<InputStream> tar) throws IOException {
    var prefix = version.api().isEmpty() ? "" : "/v" + version.api();
    var builder =
        DockerHttpClient.Request.builder()
            .method(call.method().name())
            .path(prefix + call.target());
    if (call.body().isPresent()) {
      builder
          .putHeader("Content-Type", "application/json")
          .bodyBytes(EngineAnswer.JSON.writeValueAsBytes(call.body().get()));
    }
    if (tar.isPresent()) {
      builder.putHeader("Content-Type", "application/x-tar").body(tar.get());
    }
    return builder.build();
  }

  /// A connection set that a call may use; to be left.
  private Transport entered(EngineCall call) {
    while (!closed) {
      var current = transport.get();
      if (current.enter()) {
        return current;
      }
    }
    throw failure(Kind.UNAVAILABLE, call, "the client is closed", null);
  }

  private EngineAnswer transfer(EngineCall call, DockerHttpClient.Request request)
      throws IOException {
    var used = entered(call);
    boolean whole = false;
    try (var response = used.client().execute(request)) {
      requireHeaders(response);
      // Read to its end, or the connection cannot be used again.
      var body = response.getBody().readNBytes(MOST_BYTES + 1);
      if (body.length > MOST_BYTES) {
        throw new IOException("the answer has more than " + MOST_BYTES + " bytes");
      }
      whole = true;
      return new EngineAnswer(call, response.getStatusCode(), body);
    } finally {
      if (!whole) {
        replace(used);
      }
      used.leave();
    }
  }

  /// An answer that ends within its headers looks like one without a body; but then engines say so.
  static void requireHeaders(DockerHttpClient.Response response) throws IOException {
    int status = response.getStatusCode();
    if (status != 204
        && status != 304
        && response.getHeader("Content-Length") == null
        && response.getHeader("Transfer-Encoding") == null) {
      throw new IOException("the answer ends within its headers");
    }
  }

  private void replace(Transport broken) {
    if (transport.get() == broken) {
      var fresh = connections();
      if (!transport.compareAndSet(broken, fresh)) {
        fresh.retire();
      } else if (closed) {
        fresh.retire();
      }
      broken.retire();
    }
  }

  /// Reads what the engine tells, until it is closed, the caller is interrupted or the connection
  /// ends. While nothing is told, the engine is asked every two seconds whether it is still there.
  ///
  /// @param filters as the API has them: `{"label": ["name=value"]}`
  /// @param listening called once the engine listens: what happens from then on is told
  /// @param event gets each, on another thread
  /// @return why it ended
  public OrchestratorException events(
      Map<String, List<String>> filters, Runnable listening, Consumer<JsonNode> event) {
    return new EventStream(this, filters, listening, event).read();
  }

  /// Connections for one long call alone, ended when the client is closed.
  Transport stream() {
    var own = Transport.to(address, limits.connect, 1);
    streams.add(own);
    if (closed) {
      own.end();
    }
    return own;
  }

  void end(Transport stream) {
    streams.remove(stream);
    stream.end();
  }

  Duration patience() {
    return limits.read;
  }

  /// Ends the calls under way as well.
  @Override
  public void close() {
    closed = true;
    transport.get().end();
    streams.forEach(Transport::end);
  }

  private static String words(Duration duration) {
    return duration.toMillis() + " ms";
  }
}
