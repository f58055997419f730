package io.microscale.app.bench.reaction.kubernetes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.microscale.app.Table;
import io.microscale.app.bench.Machine;
import io.microscale.app.bench.Quiet;
import io.microscale.app.bench.reaction.Step;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Measures on a Kubernetes cluster: every contestant answers a step in each round, one after the
/// other, so that what else goes on meanwhile meets all of them.
public final class KubernetesReaction {
  private final KubernetesReport report;

  private KubernetesReaction(KubernetesReport report) {
    this.report = report;
  }

  /// What to measure.
  ///
  /// @param namespace is made and removed again; must not exist
  /// @param image of all pods; its own command has to run until it is told to end
  /// @param rungs at least one
  /// @param raw whether plain calls take part
  public record Settings(
      ClusterAccess access,
      String namespace,
      String image,
      Step step,
      Set<Rung> rungs,
      boolean raw,
      Optional<Hpa> hpa,
      int rounds,
      long seed) {
    public Settings {
      rungs = Set.copyOf(rungs);
      if (rungs.isEmpty() || rounds < 1) {
        throw new IllegalArgumentException(
            "need a rung and a round or more, got %s and %d".formatted(rungs, rounds));
      }
    }
  }

  /// How a HorizontalPodAutoscaler takes part.
  ///
  /// @param behaviours one contestant for each
  /// @param sync the period of the controller manager that runs it
  /// @param address under which the API server reaches this machine
  public record Hpa(List<Behaviour> behaviours, Duration sync, String address) {
    public Hpa {
      behaviours = List.copyOf(behaviours);
    }
  }

  /// Makes all rounds, and removes all that was made for them, however they end.
  ///
  /// @throws OrchestratorException if the cluster does not answer or refuses
  /// @throws IOException if no metric can be served
  public static KubernetesReaction measure(
      Settings settings, Quiet quiet, Consumer<String> progress)
      throws InterruptedException, IOException {
    try {
      return onStage(settings, quiet, progress);
    } catch (KubernetesClientException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      var cause = e.getCause() == null ? "" : " " + e.getCause();
      throw new OrchestratorException(Kind.UNAVAILABLE, e.getMessage() + cause, e);
    }
  }

  private static KubernetesReaction onStage(
      Settings settings, Quiet quiet, Consumer<String> progress)
      throws InterruptedException, IOException {
    try (var stage =
        Stage.open(settings.access, settings.namespace, settings.image, settings.step, progress)) {
      if (settings.hpa.isEmpty()) {
        return measure(settings, stage, contestants(stage, settings), quiet, progress);
      }
      progress.accept(
          "makes the APIService of external metrics and a PriorityClass, and removes them at the end");
      try (var autoscaling = Autoscaling.open(stage, settings.hpa.get().address)) {
        var contestants = contestants(stage, settings);
        var ours = contestants.keySet().stream().filter(Ours.class::isInstance).toList();
        var random = new SplittableRandom(settings.seed);
        for (var behaviour : settings.hpa.get().behaviours) {
          contestants.put(
              new Autoscaled(stage, autoscaling, behaviour, settings.hpa.get().sync, random),
              ours.getLast().name());
        }
        return measure(settings, stage, contestants, quiet, progress);
      }
    }
  }

  private static KubernetesReaction measure(
      Settings settings,
      Stage stage,
      Map<Contestant, String> contestants,
      Quiet quiet,
      Consumer<String> progress)
      throws InterruptedException {
    progress.accept(
        "%d pods of %dm fill node %s; namespace %s"
            .formatted(
                settings.step.slots(), stage.size().full(), stage.host(), settings.namespace));
    Map<Contestant, List<Turn>> turns = new LinkedHashMap<>();
    for (int round = 1; round <= settings.rounds; round++) {
      for (var contestant : contestants.keySet()) {
        var turn = contestant.turn(quiet::await);
        turns.computeIfAbsent(contestant, _ -> new ArrayList<>()).add(turn);
        progress.accept(
            "round %d of %d, %s: first ready after %.0f ms, all after %.0f ms"
                .formatted(round, settings.rounds, contestant.name(), turn.first(), turn.all()));
      }
    }
    var outcomes = new ArrayList<KubernetesReport.Outcome>();
    turns.forEach(
        (contestant, made) ->
            outcomes.add(
                new KubernetesReport.Outcome(
                    contestant.name(),
                    Optional.ofNullable(contestants.get(contestant))
                        .filter(name -> !name.isEmpty()),
                    made)));
    return new KubernetesReaction(
        new KubernetesReport(
            Machine.here(),
            stage.client().getKubernetesVersion().getGitVersion(),
            settings.step,
            stage.size(),
            outcomes,
            settings.seed,
            quiet.limitPercent()));
  }

  /// Who takes part of ourselves, each with the name of who it is compared to, empty for nobody.
  private static Map<Contestant, String> contestants(Stage stage, Settings settings) {
    var contestants = new LinkedHashMap<Contestant, String>();
    for (var rung : Rung.values()) {
      if (settings.rungs.contains(rung)) {
        var direct = new Direct(stage, rung);
        contestants.put(new Ours(stage, rung), settings.raw ? direct.name() : "");
        if (settings.raw) {
          contestants.put(direct, "");
        }
      }
    }
    return contestants;
  }

  public ObjectNode json() {
    return report.json();
  }

  public Table table() {
    return report.table();
  }

  public List<String> lines() {
    return report.lines();
  }
}
