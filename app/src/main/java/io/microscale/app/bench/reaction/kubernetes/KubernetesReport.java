package io.microscale.app.bench.reaction.kubernetes;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.Table;
import io.microscale.app.bench.Machine;
import io.microscale.app.bench.Samples;
import io.microscale.app.bench.reaction.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/// What was measured, for people and as JSON.
///
/// @param server the API server's version
/// @param outcomes of each contestant, at least one turn each
/// @param seed of the phases at which steps were made
record KubernetesReport(
    Machine machine,
    String server,
    Step step,
    Size size,
    List<Outcome> outcomes,
    long seed,
    double quietLimit) {
  KubernetesReport {
    outcomes = List.copyOf(outcomes);
  }

  /// All turns of one contestant.
  ///
  /// @param limit the name of the contestant that shows what is possible; empty for that one itself
  ///   and where there is none
  record Outcome(String name, Optional<String> limit, List<Turn> turns) {
    Outcome {
      turns = List.copyOf(turns);
    }

    Samples samples(ToDoubleFunction<Turn> part) {
      return new Samples(turns.stream().map(part::applyAsDouble).toList());
    }

    Optional<Samples> accepted() {
      var all = turns.stream().flatMap(turn -> turn.accepted().stream()).toList();
      return all.isEmpty() ? Optional.empty() : Optional.of(new Samples(all));
    }

    Optional<Samples> firstAccepted() {
      var all =
          turns.stream()
              .filter(turn -> !turn.accepted().isEmpty())
              .map(turn -> turn.accepted().getFirst())
              .toList();
      return all.isEmpty() ? Optional.empty() : Optional.of(new Samples(all));
    }

    int ended() {
      return turns.stream().mapToInt(Turn::ended).sum();
    }

    int restarted() {
      return turns.stream().mapToInt(Turn::restarted).sum();
    }

    /// The way that was taken last.
    String how() {
      return turns.getLast().how();
    }
  }

  /// The median until all served, over that of the contestant that shows what is possible.
  OptionalDouble ratio(Outcome outcome) {
    return outcomes.stream()
        .filter(other -> outcome.limit().equals(Optional.of(other.name())))
        .mapToDouble(other -> outcome.samples(Turn::all).median() / best(other))
        .findFirst();
  }

  /// The median of the turns in the way that was the fastest.
  private static double best(Outcome outcome) {
    return new Samples(
            outcome.turns().stream()
                .filter(turn -> turn.how().equals(outcome.how()))
                .map(Turn::all)
                .toList())
        .median();
  }

  ObjectNode json() {
    var root = JsonNodeFactory.instance.objectNode();
    root.put("benchmark", "reaction")
        .put("orchestrator", "kubernetes")
        .put("engine", server)
        .put("from", step.from())
        .put("to", step.to())
        .put("slots", step.slots())
        .put("cpuMilli", size.full())
        .put("floorCpuMilli", size.floor())
        .put("pausedCpuMilli", size.paused())
        .put("seed", seed)
        .put("quietLimitPercent", quietLimit);
    machine.putInto(root);
    var all = root.putArray("contestants");
    outcomes.forEach(outcome -> put(outcome, all.addObject()));
    return root;
  }

  private void put(Outcome outcome, ObjectNode node) {
    node.put("name", outcome.name());
    outcome.samples(Turn::first).putInto(node.putObject("first"));
    outcome.samples(Turn::half).putInto(node.putObject("half"));
    outcome.samples(Turn::all).putInto(node.putObject("all"));
    outcome.firstAccepted().ifPresent(samples -> samples.putInto(node.putObject("firstAccepted")));
    outcome
        .accepted()
        .ifPresent(
            samples -> {
              var accepted = node.putObject("accepted");
              samples.putInto(accepted);
              accepted.put("p99Millis", Samples.rounded(samples.percentile(99)));
            });
    node.put("unservedReplicaSeconds", Samples.rounded(outcome.samples(Turn::unserved).median()))
        .put("podsEnded", outcome.ended())
        .put("containersRestarted", outcome.restarted());
    var ratio = ratio(outcome);
    if (ratio.isPresent()) {
      node.put("limit", outcome.limit().orElseThrow())
          .put("ratio", Samples.rounded(ratio.getAsDouble()));
    } else {
      node.putNull("limit").putNull("ratio");
    }
    var turns = node.putArray("rounds");
    outcome.turns().forEach(turn -> turn.putInto(turns.addObject()));
  }

  /// In milliseconds.
  Table table() {
    var table =
        new Table(
            ">",
            ">accepted p50",
            ">p99",
            ">first p50",
            ">p90",
            ">all p50",
            ">p90",
            ">min",
            ">max",
            ">unserved",
            ">pods ended",
            ">ratio");
    for (var outcome : outcomes) {
      var first = outcome.samples(Turn::first);
      var all = outcome.samples(Turn::all);
      var ratio = ratio(outcome);
      table.row(
          outcome.name(),
          outcome.accepted().map(Samples::median).map(Samples::shown).orElse(""),
          outcome.accepted().map(s -> s.percentile(99)).map(Samples::shown).orElse(""),
          Samples.shown(first.median()),
          Samples.shown(first.percentile(90)),
          Samples.shown(all.median()),
          Samples.shown(all.percentile(90)),
          Samples.shown(all.min()),
          Samples.shown(all.max()),
          "%.2f".formatted(outcome.samples(Turn::unserved).median()),
          Integer.toString(outcome.ended()),
          ratio.isPresent() ? "%.2f".formatted(ratio.getAsDouble()) : "");
    }
    return table;
  }

  List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add(
        "Kubernetes %s, %d -> %d of %d replicas of %dm on a full node, %d rounds"
            .formatted(
                server,
                step.from(),
                step.to(),
                step.slots(),
                size.full(),
                outcomes.getFirst().turns().size()));
    for (var outcome : outcomes) {
      if (!outcome.how().isEmpty()) {
        lines.add("%s: the fastest way was '%s'".formatted(outcome.name(), outcome.how()));
      }
      if (outcome.restarted() > 0) {
        lines.add("%s: %d containers restarted".formatted(outcome.name(), outcome.restarted()));
      }
    }
    lines.add(
        "times in ms from the demand being known or the first call; unserved: replica-seconds;"
            + " ratio: median until all are ready, by that of the plain calls or of ours");
    var idle =
        outcomes.stream()
            .flatMap(outcome -> outcome.turns().stream())
            .map(Turn::idleBefore)
            .filter(OptionalDouble::isPresent)
            .mapToDouble(OptionalDouble::getAsDouble)
            .min();
    idle.ifPresent(
        percent ->
            lines.add(
                "idle before each step: at least %.0f %% of the processors".formatted(percent)));
    lines.add("measured on " + machine.described());
    return lines;
  }
}
