package io.microscale.app.bench.reaction;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.Table;
import io.microscale.app.bench.Machine;
import io.microscale.app.bench.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// What was measured, for people and as JSON.
///
/// @param engine the orchestrator's own name and version
/// @param raw what the engine could do at most; empty if it was not asked for
record ReactionReport(
    Machine machine,
    String orchestrator,
    String engine,
    Step step,
    Ladder ladder,
    List<Round> rounds,
    Optional<Limit> raw,
    double quietLimit) {

  /// The raw limit.
  ///
  /// @param best the way that was the fastest
  /// @param tried every way with one try each, in milliseconds
  record Limit(String best, Samples samples, List<Tried> tried) {}

  record Tried(String name, double millis) {}

  private Samples samples(ToDoubleFunction<Round> part) {
    return new Samples(rounds.stream().map(part::applyAsDouble).toList());
  }

  /// The median of the last replica over the median of the raw limit.
  Optional<Double> ratio() {
    return raw.map(limit -> samples(Round::all).median() / limit.samples.median());
  }

  ObjectNode json() {
    var root = JsonNodeFactory.instance.objectNode();
    root.put("benchmark", "reaction")
        .put("orchestrator", orchestrator)
        .put("engine", engine)
        .put("from", step.from())
        .put("to", step.to())
        .put("slots", step.slots())
        .put("batch", step.hasBatch())
        .put("ladder", ladder.name().toLowerCase(Locale.ROOT))
        .put("quietLimitPercent", quietLimit);
    machine.putInto(root);
    var all = root.putArray("rounds");
    rounds.forEach(round -> round.putInto(all.addObject()));
    samples(Round::first).putInto(root.putObject("first"));
    samples(Round::half).putInto(root.putObject("half"));
    samples(Round::all).putInto(root.putObject("all"));
    root.put("unservedReplicaSeconds", Samples.rounded(samples(Round::unserved).median()));
    root.put("batchUnitsLost", rounds.stream().mapToInt(Round::lost).sum());
    if (raw.isPresent()) {
      var node = root.putObject("raw").put("best", raw.get().best());
      raw.get().samples().putInto(node);
      var tried = node.putArray("tried");
      raw.get()
          .tried()
          .forEach(
              t ->
                  tried
                      .addObject()
                      .put("name", t.name())
                      .put("millis", Samples.rounded(t.millis())));
    } else {
      root.putNull("raw");
    }
    if (ratio().isPresent()) {
      root.put("ratio", Samples.rounded(ratio().get()));
    } else {
      root.putNull("ratio");
    }
    return root;
  }

  Table table() {
    var table =
        new Table(
            ">round", ">first ms", ">half ms", ">all ms", ">unserved", ">lost", ">idle before");
    for (int i = 0; i < rounds.size(); i++) {
      var round = rounds.get(i);
      table.row(
          Integer.toString(i + 1),
          Samples.shown(round.first()),
          Samples.shown(round.half()),
          Samples.shown(round.all()),
          "%.2f".formatted(round.unserved()),
          Integer.toString(round.lost()),
          round.idleBefore().isPresent()
              ? "%.0f %%".formatted(round.idleBefore().getAsDouble())
              : "unknown");
    }
    return table;
  }

  List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add(
        "%s, %d -> %d of %d slots, %s: first %s ms, half %s ms, all %s ms (medians of %d rounds)"
            .formatted(
                engine,
                step.from(),
                step.to(),
                step.slots(),
                step.hasBatch()
                    ? "batch gives way by " + ladder.name().toLowerCase(Locale.ROOT)
                    : "the room is free",
                Samples.shown(samples(Round::first).median()),
                Samples.shown(samples(Round::half).median()),
                Samples.shown(samples(Round::all).median()),
                rounds.size()));
    raw.ifPresent(
        limit ->
            lines.add(
                "the same straight to the API: %s ms (%s; median of %d) -> ratio %.2f"
                    .formatted(
                        Samples.shown(limit.samples().median()),
                        limit.best(),
                        limit.samples().count(),
                        ratio().orElse(0.0))));
    lines.add(
        "unserved: replica-seconds; lost: batch replicas stopped, with the work they were at");
    lines.add("measured on " + machine.described());
    return lines;
  }
}
