package io.microscale.sources.http;

import com.fasterxml.jackson.core.JsonPointer;
import io.microscale.core.demand.DemandSource;
import io.microscale.core.demand.Reading;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// A demand source that asks a URL for JSON, once each interval, and takes one number out of it.
///
/// Whatever goes wrong (no connection, TLS, a status other than 200, a page of HTML, no number
/// there, more than a mebibyte, no complete answer by the deadline) is a [Reading.Missing] that
/// says what; nothing is asked again before the next interval. Redirects are followed on the same
/// host only, and not from HTTPS to HTTP.
public final class HttpPoll implements DemandSource {
  private static final long MOST_BYTES = 1 << 20;
  private static final int MOST_REDIRECTS = 5;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Duration LONGEST_INTERVAL = Duration.ofDays(1);
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);

  private final Settings settings;
  private final AtomicReference<Optional<Future<?>>> waitingFor =
      new AtomicReference<>(Optional.empty());
  private volatile Instant asked = Instant.EPOCH;
  private volatile boolean closed;

  /// What to ask, and how often.
  ///
  /// @param pointer where the number is (RFC 6901, such as `/data/queue/0`; empty for the whole
  ///   document); a number or a string that is one
  /// @param interval from one request to the next, 10 ms to 1 day
  /// @param deadline how long connecting, redirects and the whole answer may take together
  public record Settings(URI url, String pointer, Duration interval, Duration deadline) {
    public Settings {
      var scheme = url.getScheme();
      require(
          url.getHost() != null && ("http".equals(scheme) || "https".equals(scheme)),
          "http.url: need http:// or https:// with a host",
          // Not the whole of it, which may hold a password.
          scheme + "://" + url.getHost());
      require(
          url.getRawUserInfo() == null,
          "http.url: need it without a user or password",
          "one at " + url.getHost());
      requirePointer(pointer);
      require(
          interval.compareTo(SHORTEST_INTERVAL) >= 0 && interval.compareTo(LONGEST_INTERVAL) <= 0,
          "http.interval: need 10ms to 1 day",
          interval);
      require(
          deadline.isPositive() && deadline.compareTo(LONGEST_INTERVAL) <= 0,
          "http.deadline: need more than 0s, at most 1 day",
          deadline);
    }

    private static void requirePointer(String pointer) {
      try {
        JsonPointer.compile(pointer);
      } catch (IllegalArgumentException _) {
        require(false, "http.pointer: need a JSON pointer, empty or beginning with '/'", pointer);
      }
    }

    private static void require(boolean holds, String rule, Object value) {
      if (!holds) {
        throw new IllegalArgumentException("%s, got '%s'".formatted(rule, value));
      }
    }
  }

  /// Made when first needed, for all sources: each client has a thread of its own.
  private static final class Shared {
    static final HttpClient CLIENT =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
  }

  /// Why there is no answer.
  private static final class NoAnswer extends Exception {
    private static final long serialVersionUID = 1L;

    NoAnswer(String why) {
      super(why);
    }
  }

  public HttpPoll(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Reading read(Instant now) {
    asked = now;
    try {
      return JsonNumber.at(settings.pointer, answer())
          .fold(value -> Reading.of(value, now), why -> missing(why, now));
    } catch (NoAnswer e) {
      return missing(String.valueOf(e.getMessage()), now);
    }
  }

  private static Reading missing(String why, Instant now) {
    return new Reading.Missing(OneLine.of(why), now);
  }

  private byte[] answer() throws NoAnswer {
    long until = System.nanoTime() + settings.deadline.toNanos();
    var url = settings.url;
    for (int i = 0; i <= MOST_REDIRECTS; i++) {
      var response = get(url, until);
      if (response.statusCode() == 200) {
        return response.body();
      }
      if (!REDIRECTS.contains(response.statusCode())) {
        throw new NoAnswer("status " + response.statusCode());
      }
      url = target(url, response);
    }
    throw new NoAnswer("redirected more than " + MOST_REDIRECTS + " times");
  }

  private static URI target(URI from, HttpResponse<?> response) throws NoAnswer {
    var location = response.headers().firstValue("Location");
    if (location.isEmpty()) {
      throw new NoAnswer("status " + response.statusCode() + " without a location");
    }
    URI to;
    try {
      to = from.resolve(location.get());
    } catch (IllegalArgumentException _) {
      throw new NoAnswer("redirected to '%s', which is no URL".formatted(location.get()));
    }
    boolean sameHost = from.getHost().equalsIgnoreCase(to.getHost());
    boolean asSafe =
        "https".equals(to.getScheme())
            || ("http".equals(to.getScheme()) && "http".equals(from.getScheme()));
    if (!sameHost || !asSafe) {
      throw new NoAnswer(
          "redirected to %s://%s, which is not followed".formatted(to.getScheme(), to.getHost()));
    }
    return to;
  }

  private HttpResponse<byte[]> get(URI url, long until) throws NoAnswer {
    var request =
        HttpRequest.newBuilder(url)
            .header("Accept", "application/json")
            .header("User-Agent", "microscale")
            .build();
    var answer =
        Shared.CLIENT.sendAsync(
            request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
    waitingFor.set(Optional.of(answer));
    try {
      if (closed) {
        throw new NoAnswer("closed");
      }
      return answer.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      throw new NoAnswer("no complete answer within " + settings.deadline.toMillis() + " ms");
    } catch (CancellationException _) {
      throw new NoAnswer("closed");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new NoAnswer("interrupted");
    } catch (ExecutionException e) {
      throw new NoAnswer(why(e.getCause()));
    } finally {
      // Also frees the connection of an answer that is still dripping in.
      answer.cancel(true);
      waitingFor.set(Optional.empty());
    }
  }

  private String why(@Nullable Throwable cause) {
    return switch (cause) {
      case ConnectException _ ->
          "cannot connect to %s%s"
              .formatted(
                  settings.url.getHost(),
                  settings.url.getPort() < 0 ? "" : ":" + settings.url.getPort());
      case SSLException e -> "TLS failed: " + e.getMessage();
      case IOException e -> "the answer broke off: " + said(e);
      case null -> "failed";
      default -> "failed: " + said(cause);
    };
  }

  private static String said(Throwable e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /// The start of the first interval that has not begun yet, so that slow answers do not shift the
  /// beat.
  @Override
  public Optional<Instant> next(Instant now) {
    if (closed) {
      return Optional.empty();
    }
    var since = Duration.between(asked, now);
    long intervals = since.isNegative() ? 1 : since.dividedBy(settings.interval) + 1;
    return Optional.of(asked.plus(settings.interval.multipliedBy(intervals)));
  }

  /// Ends a reading that is under way.
  @Override
  public void close() {
    closed = true;
    waitingFor.get().ifPresent(answer -> answer.cancel(true));
  }
}
