package io.microscale.app;

import io.microscale.app.config.KubernetesConfig;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.orchestrators.kubernetes.election.Candidate;
import io.microscale.orchestrators.kubernetes.election.ElectionSettings;
import io.microscale.orchestrators.kubernetes.election.Leadership;
import io.microscale.orchestrators.kubernetes.election.Term;
import io.microscale.server.ServerSettings;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An engine that runs while it leads, and stands by meanwhile: of several processes with one Lease
/// one acts. Whoever leads next finds everything as it was left.
final class ElectedEngine implements AutoCloseable {
  private final Leadership leadership;
  private final Turns turns;

  private ElectedEngine(Leadership leadership, Turns turns) {
    this.leadership = leadership;
    this.turns = turns;
  }

  /// Stands for election.
  ///
  /// @param engine starts the engine behind the fence
  /// @param server where the engine will listen, and where this answers until then
  /// @param process what people know this process by, such as the name of its pod
  /// @param lines is told who leads
  /// @throws CommandException if the address is not free
  static ElectedEngine start(
      KubernetesConfig kubernetes,
      KubernetesConfig.Election election,
      Function<Fence, ? extends Answering> engine,
      ServerSettings server,
      String process,
      Consumer<String> lines) {
    var turns = new Turns(engine, server, lines);
    var leadership =
        Leadership.start(
            kubernetes.access().config(),
            ElectionSettings.of(election.namespace(), election.lease(), process)
                .paced(election.leaseDuration(), election.renewDeadline(), election.retryPeriod()),
            turns,
            lines);
    turns.fence.complete(leadership);
    return new ElectedEngine(leadership, turns);
  }

  /// Lets another lead at once, if this one does.
  @Override
  public void close() {
    leadership.close();
    turns.close();
  }

  private static final class Turns implements Candidate {
    private final Function<Fence, ? extends Answering> engine;
    private final ServerSettings server;
    private final Consumer<String> lines;
    private final CompletableFuture<Fence> fence = new CompletableFuture<>();
    private @Nullable AutoCloseable answering;

    Turns(
        Function<Fence, ? extends Answering> engine,
        ServerSettings server,
        Consumer<String> lines) {
      this.engine = engine;
      this.server = server;
      this.lines = lines;
      answering = StandingBy.start(server);
    }

    @Override
    public void elected(Term term) {
      close();
      var started = engine.apply(fence.join());
      answering = started;
      lines.accept("microscale: leads; page and API at " + started.uri());
    }

    @Override
    public void deposed(Term term, String reason) {
      close();
      lines.accept("microscale: leads no longer: " + reason + "; replicas go on");
      answering = StandingBy.start(server);
    }

    private void close() {
      var before = answering;
      answering = null;
      try {
        if (before != null) {
          before.close();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        throw new IllegalStateException("while closing: " + e.getMessage(), e);
      }
    }
  }
}
