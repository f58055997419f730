package io.microscale.app;

import io.microscale.app.config.Configuration;
import io.microscale.app.custom.Reconciler;
import io.microscale.app.custom.Reconciliation;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.kubernetes.custom.CustomResources;
import io.microscale.orchestrators.kubernetes.custom.ResourceReporter;
import io.microscale.orchestrators.kubernetes.custom.Verdict;
import io.microscale.server.ServerSettings;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An engine that is what custom resources say: when they change it is replaced, within the same
/// process, by one with the new configuration. That disturbs no replica: the new one takes over
/// what it finds.
final class FollowingEngine implements Answering {
  private static final Duration QUIET = Duration.ofMillis(200);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);
  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final Duration AGAIN_AT_LEAST = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// Starts an engine.
  @FunctionalInterface
  interface Starter {
    /// Starts it.
    ///
    /// @throws CommandException if it cannot be started
    Answering start(Configuration configuration, ServerSettings server);
  }

  /// Says when resources may have changed; calls from any thread are taken together.
  static final class Changes implements Runnable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean pending = true;
    private boolean closed;

    @Override
    public void run() {
      lock.lock();
      try {
        pending = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private void close() {
      lock.lock();
      try {
        closed = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /// Waits until something has changed and then for a moment in which nothing does, so that what
    /// is applied together is read together.
    ///
    /// @param most after which it returns even without a change; empty to wait for one
    /// @return false if it is closed
    private boolean await(Optional<Duration> most) throws InterruptedException {
      lock.lock();
      try {
        long left = most.map(Duration::toNanos).orElse(Long.MAX_VALUE);
        while (!pending && !closed && left > 0) {
          left = changed.awaitNanos(left);
        }
        long wait = LONGEST_WAIT.toNanos();
        while (pending && !closed && wait > 0) {
          pending = false;
          long quiet = Math.min(wait, QUIET.toNanos());
          wait -= quiet;
          while (!pending && !closed && quiet > 0) {
            quiet = changed.awaitNanos(quiet);
          }
        }
        pending = false;
        return !closed;
      } finally {
        lock.unlock();
      }
    }
  }

  private final CustomResources resources;
  private final Reconciler reconciler;
  private final Changes changes;
  private final Starter starter;
  private final Optional<ResourceReporter> reporter;
  private final ServerSettings server;
  private final Consumer<String> lines;
  private final Thread thread;

  // Of the thread:
  private @Nullable AutoCloseable answering;
  private boolean runs;
  private Map<String, String> inForce = Map.of();
  private String idle = "";
  private Set<String> told = Set.of();

  private FollowingEngine(
      CustomResources resources,
      Reconciler reconciler,
      Changes changes,
      Starter starter,
      Optional<ResourceReporter> reporter,
      ServerSettings server,
      Consumer<String> lines) {
    this.resources = resources;
    this.reconciler = reconciler;
    this.changes = changes;
    this.starter = starter;
    this.reporter = reporter;
    this.server = server;
    this.lines = lines;
    this.thread = Thread.ofPlatform().daemon().name("custom resources").unstarted(this::run);
  }

  /// Begins to follow the resources.
  ///
  /// @param resources closed with this, as is the reporter
  /// @param changes tells when they change; of this engine alone
  /// @param reporter is told what was made of them
  /// @param server where the engine listens, and where this answers while there is none
  /// @param lines is told what an operator has to know, without waiting
  /// @throws CommandException if the address is not free
  static FollowingEngine start(
      CustomResources resources,
      Reconciler reconciler,
      Changes changes,
      Starter starter,
      Optional<ResourceReporter> reporter,
      ServerSettings server,
      Consumer<String> lines) {
    var engine =
        new FollowingEngine(
            resources, reconciler, changes, starter, reporter, fixed(server), lines);
    engine.standBy("the custom resources are being read");
    engine.thread.start();
    return engine;
  }

  /// The address stays the same when the engine is replaced.
  private static ServerSettings fixed(ServerSettings server) {
    if (server.port() != 0) {
      return server;
    }
    try (var free = new ServerSocket(0)) {
      return new ServerSettings(server.host(), free.getLocalPort(), server.token());
    } catch (IOException e) {
      throw CommandException.failed("server: no free port: " + CommandException.reason(e));
    }
  }

  @Override
  public URI uri() {
    return URI.create("http://%s:%d".formatted(server.host(), server.port()));
  }

  private void run() {
    Optional<Duration> again = Optional.empty();
    try {
      while (changes.await(again)) {
        again =
            isDone()
                ? Optional.empty()
                : Optional.of(again.map(FollowingEngine::longer).orElse(AGAIN));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      stop();
    }
  }

  private static Duration longer(Duration pause) {
    var twice = pause.multipliedBy(2);
    return twice.compareTo(AGAIN_AT_LEAST) < 0 ? twice : AGAIN_AT_LEAST;
  }

  private boolean isDone() {
    try {
      return follow();
    } catch (RuntimeException e) {
      // The engine that runs is to go on, whatever is wrong with the next one.
      say("the custom resources cannot be followed for now: " + e);
      return false;
    }
  }

  /// Makes the engine what the resources say.
  ///
  /// @return false if it is to be tried again though no resource changes
  private boolean follow() {
    try {
      // Without an answer nothing can be read of workloads, and all would look wrong.
      resources.requireAnswer();
    } catch (OrchestratorException e) {
      say("custom resources are not read for now: " + e.getMessage());
      return false;
    }
    var found = reconciler.reconcile(resources.pool(), resources.services());
    reporter.ifPresent(r -> r.judged(found.verdicts()));
    tell(found);
    if (found.configuration().isEmpty()) {
      idle(found.reason());
      return !found.isRefusing();
    }
    if (runs && found.inForce().equals(inForce)) {
      return !found.isRefusing();
    }
    return restart(found, found.configuration().get()) && !found.isRefusing();
  }

  private boolean restart(Reconciliation found, Configuration configuration) {
    stop();
    try {
      answering = starter.start(configuration, server);
      runs = true;
      inForce = found.inForce();
      idle = "";
      say(
          "pool %s with %d services, as the custom resources say; page and API at %s"
              .formatted(
                  configuration.pool().name(), configuration.pool().services().size(), uri()));
      return true;
    } catch (CommandException e) {
      idle("the engine cannot be started: " + e.getMessage());
      return false;
    }
  }

  private void idle(String why) {
    stop();
    reporter.ifPresent(r -> r.idle(why));
    if (!why.equals(idle)) {
      idle = why;
      say("no engine runs: " + why);
    }
    standBy(why);
  }

  private void standBy(String why) {
    try {
      answering = StandingBy.start(server, why);
    } catch (CommandException e) {
      if (!thread.isAlive()) {
        throw e;
      }
      say(String.valueOf(e.getMessage()));
    }
  }

  private void stop() {
    var before = answering;
    answering = null;
    runs = false;
    inForce = Map.of();
    try {
      if (before != null) {
        before.close();
      }
    } catch (Exception e) {
      // The next one is to be started all the same.
      say("while closing: " + e.getMessage());
    }
  }

  /// Says of each refusal once why.
  private void tell(Reconciliation found) {
    var now = new LinkedHashSet<String>();
    for (Verdict verdict : found.verdicts()) {
      if (!verdict.accepted()) {
        now.add("%s is not accepted: %s".formatted(verdict.resource(), verdict.message()));
      }
    }
    now.stream().filter(line -> !told.contains(line)).forEach(this::say);
    told = now;
  }

  private void say(String line) {
    lines.accept("microscale: " + line);
  }

  /// Ends the engine; replicas go on.
  @Override
  public void close() {
    changes.close();
    try {
      thread.join(PATIENCE);
      if (thread.isAlive()) {
        thread.interrupt();
        thread.join(PATIENCE);
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
    reporter.ifPresent(ResourceReporter::close);
    resources.close();
  }
}
