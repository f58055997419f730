package io.microscale.server;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.microscale.core.loop.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/// A running server over a running engine. It follows the engine's events on a thread of its own;
/// calls run on virtual threads.
public final class MicroscaleServer implements AutoCloseable {
  private static final int CONNECTIONS_AT_MOST = 256;
  private static final int IDLE_MILLIS = 30_000;

  private final ServerSettings settings;
  private final Engine.Subscription subscription;
  private final Follower follower;
  private final Broadcast broadcast;
  private final Javalin javalin;

  private MicroscaleServer(
      ServerSettings settings,
      Engine engine,
      EventFeed feed,
      Engine.Subscription subscription,
      InstantSource clock) {
    this.settings = settings;
    this.subscription = subscription;
    var run = run(engine.status().startedAt());
    var hand = new Hand(engine);
    broadcast = new Broadcast(run);
    follower = new Follower(engine, feed, clock, broadcast, hand);
    var calls = new Calls(engine, clock, follower, broadcast, hand, run);
    var routes = new Routes(engine, calls, new Access(settings, clock), follower);
    javalin = Javalin.create(config -> configure(config, routes));
  }

  /// Starts a server that follows the engine from now on.
  ///
  /// @throws UncheckedIOException if the port is taken
  public static MicroscaleServer start(
      ServerSettings settings, Engine engine, InstantSource clock) {
    var feed = new EventFeed();
    return start(settings, engine, feed, engine.subscribe(feed), clock);
  }

  /// Starts a server on a feed that was made before the engine and is one of its observers, so that
  /// nothing is missed.
  ///
  /// @throws UncheckedIOException if the port is taken
  public static MicroscaleServer start(
      ServerSettings settings, Engine engine, EventFeed feed, InstantSource clock) {
    return start(settings, engine, feed, () -> {}, clock);
  }

  private static MicroscaleServer start(
      ServerSettings settings,
      Engine engine,
      EventFeed feed,
      Engine.Subscription subscription,
      InstantSource clock) {
    var server = new MicroscaleServer(settings, engine, feed, subscription, clock);
    server.follower.start();
    try {
      server.javalin.start();
    } catch (RuntimeException e) {
      server.close();
      throw e.getCause() instanceof IOException || e.getClass().getSimpleName().contains("Bind")
          ? new UncheckedIOException(
              "server: need a free address and port, got %s:%d"
                  .formatted(settings.host(), settings.port()),
              e.getCause() instanceof IOException cause ? cause : new BindException(e.getMessage()))
          : e;
    }
    return server;
  }

  /// The port that it listens on.
  public int port() {
    return javalin.port();
  }

  /// Where the page is, for people on this host.
  public URI uri() {
    var host = settings.isLoopback() ? settings.host() : "localhost";
    return URI.create(
        "http://%s:%d/"
            .formatted(
                host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host, port()));
  }

  /// The figures of the run so far; after [#close] with every event that the feed held.
  public Figures figures() {
    return follower.figures();
  }

  /// Hands out what was still to come, ends all streams and stops listening.
  @Override
  public void close() {
    subscription.close();
    follower.close();
    broadcast.close();
    javalin.stop();
  }

  /// Another name for each run: its start in microseconds, short.
  private static String run(Instant startedAt) {
    return Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, startedAt), 36);
  }

  private void configure(JavalinConfig config, Routes routes) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.http.maxRequestSize = Body.BYTES_AT_MOST;
    config.jetty.threadPool = threads();
    config.jetty.modifyHttpConfiguration(
        http -> {
          http.setSendServerVersion(false);
          http.setSendDateHeader(false);
        });
    config.jetty.modifyServer(
        server -> {
          server.setStopTimeout(0);
          server.setErrorHandler(new JsonErrorHandler());
          server.addBean(new NetworkConnectionLimit(CONNECTIONS_AT_MOST, server));
        });
    config.jetty.addConnector(this::connector);
    routes.register(config.routes);
  }

  private ServerConnector connector(Server server, HttpConfiguration http) {
    var connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    var host = settings.host();
    connector.setHost(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
    connector.setPort(settings.port());
    connector.setIdleTimeout(IDLE_MILLIS);
    return connector;
  }

  /// Few threads of the operating system accept and select; every call runs on a virtual one.
  private static QueuedThreadPool threads() {
    var pool = new QueuedThreadPool(8, 3);
    pool.setName("microscale-http");
    pool.setDaemon(true);
    pool.setReservedThreads(0);
    pool.setVirtualThreadsExecutor(
        VirtualThreads.getNamedVirtualThreadsExecutor("microscale-call-"));
    return pool;
  }
}
