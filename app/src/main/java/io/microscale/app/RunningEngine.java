package io.microscale.app;

import io.microscale.app.config.Configuration;
import io.microscale.app.record.Recorder;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.loop.LoopEvent;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.server.EventFeed;
import io.microscale.server.MicroscaleServer;
import io.microscale.server.ServerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/// An engine with all that belongs to it: orchestrator, demand sources, recorder, server. Closing
/// it ends the engine and leaves every replica running.
final class RunningEngine implements Answering {
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final MicroscaleServer server;

  /// How to run it.
  ///
  /// @param dryRun decide and report, touch nothing
  /// @param recording where to write every event
  /// @param fence lets only the leader write where several engines may run
  /// @param observer is told every event beside all others; must not block
  record Options(
      boolean dryRun,
      Optional<Path> recording,
      ServerSettings server,
      Fence fence,
      Optional<Consumer<LoopEvent>> observer) {
    Options(boolean dryRun, Optional<Path> recording, ServerSettings server, Fence fence) {
      this(dryRun, recording, server, fence, Optional.empty());
    }
  }

  /// Starts everything, the engine first: it must not wait for what only shows it.
  ///
  /// @param lines is told what an operator has to know, without waiting
  /// @throws CommandException if something cannot be started; then nothing is left open
  static RunningEngine start(Configuration configuration, Options options, Consumer<String> lines) {
    return new RunningEngine(configuration, options, lines);
  }

  private RunningEngine(Configuration configuration, Options options, Consumer<String> lines) {
    boolean started = false;
    try {
      requireFree(options.server());
      var observers = new ArrayList<Consumer<LoopEvent>>();
      var feed = new EventFeed();
      observers.add(feed);
      observers.add(new Notices(lines));
      options.observer().ifPresent(observers::add);
      options.recording().ifPresent(file -> observers.add(opened(recorder(file, lines))));
      var clock = new MonotonicClock();
      var orchestrator =
          opened(
              Wiring.open(
                  configuration,
                  stateFor(configuration, options),
                  options.dryRun(),
                  clock,
                  options.fence(),
                  notice -> lines.accept(Notices.line(clock.instant(), notice))));
      var sources = Wiring.sources(configuration);
      sources.values().forEach(this::opened);
      var engine =
          LiveEngine.start(
              new LiveEngine.Settings(
                  configuration.pool(),
                  configuration.orchestrator().kind(),
                  clock,
                  options.dryRun()),
              orchestrator,
              sources,
              observers);
      parts.push(engine);
      server = MicroscaleServer.start(options.server(), engine, feed, clock);
      // The engine is closed before the server, so that those who watch see the last event.
      parts.remove(engine);
      parts.push(server);
      parts.push(engine);
      started = true;
    } catch (UncheckedIOException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    } finally {
      if (!started) {
        close();
      }
    }
  }

  @Override
  public URI uri() {
    return server.uri();
  }

  @Override
  public void close() {
    for (var part = parts.poll(); part != null; part = parts.poll()) {
      try {
        part.close();
      } catch (Exception e) {
        // The others are to be closed all the same, and nobody can do anything about this one.
        System.getLogger("microscale").log(System.Logger.Level.WARNING, "while closing", e);
      }
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  /// A dry run of a pool that has never run here leaves nothing behind, not even a folder.
  private Optional<Path> stateFor(Configuration configuration, Options options) {
    if (!options.dryRun() || Wiring.hasState(configuration)) {
      return Optional.empty();
    }
    try {
      var folder = Files.createTempDirectory("microscale-dry-run-");
      parts.push(() -> delete(folder));
      return Optional.of(folder);
    } catch (IOException e) {
      throw CommandException.failed(
          "--dry-run: needs a temporary folder: " + CommandException.reason(e));
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Recorder recorder(Path file, Consumer<String> problems) {
    try {
      return new Recorder(file, Recorder.Bounds.DEFAULT, Main.version(), problems);
    } catch (IOException e) {
      throw CommandException.failed(
          "--record: %s cannot be written: %s".formatted(file, CommandException.reason(e)));
    }
  }

  /// Finds a port that is taken before the engine acts: most likely it is taken by an engine on the
  /// same pool.
  private static void requireFree(ServerSettings settings) {
    try (var probe = new ServerSocket(settings.port(), 1, InetAddress.getByName(settings.host()))) {
      probe.getLocalPort();
    } catch (IOException e) {
      throw CommandException.failed(
          "server: need a free address and port, got %s:%d (%s); is an engine running already?"
              .formatted(settings.host(), settings.port(), e.getMessage()));
    }
  }
}
