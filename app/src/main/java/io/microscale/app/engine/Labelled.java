package io.microscale.app.engine;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// Containers by their label.
public final class Labelled {
  private static final int AT_ONCE = 4;

  private Labelled() {}

  /// Removes all containers with a label, whatever their state, also while the thread is told to
  /// end; that is kept for later.
  ///
  /// @param label `name=value`
  /// @throws OrchestratorException if the engine does not answer, or does not remove one
  public static void remove(EngineClient client, String label) {
    boolean interrupted = Thread.interrupted();
    var work = new ArrayList<Callable<Void>>();
    for (var container : client.containers(List.of(label))) {
      var id = container.path("Id").asText();
      work.add(
          () -> {
            remove(client, EngineCall.delete("/containers/" + id));
            return null;
          });
    }
    try (var threads = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      for (var done : threads.invokeAll(work)) {
        done.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OrchestratorException known
          ? known
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void remove(EngineClient client, EngineCall container) {
    var answer = client.send(container.query(Map.of("force", "1", "v", "1")));
    // 404 and 409: it is gone, or somebody removes it already.
    if (answer.isError() && answer.status() != 404 && answer.status() != 409) {
      throw answer.failure();
    }
  }
}
