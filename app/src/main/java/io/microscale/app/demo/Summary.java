package io.microscale.app.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.core.model.ServiceId;
import io.microscale.server.Figures;
import io.microscale.server.Figures.Percentiles;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// What a demo reached.
///
/// @param asked what it was asked for
/// @param figures of the engine's events, at the end of the demand and before the workers are ended
/// @param answerMillis from sending a request to its right answer
record Summary(
    Asked asked,
    ServiceId web,
    ServiceId batch,
    Figures.Snapshot figures,
    Traffic.Totals work,
    Percentiles answerMillis,
    Used engine) {

  /// What was asked for.
  ///
  /// @param perReplicaSecond requests a second that one replica of demand stands for
  record Asked(long seed, int slots, String demand, double perReplicaSecond) {}

  /// What the engine's process used, without the workers.
  ///
  /// @param startMillis from the start of the JVM to the first pass
  /// @param cpuPercent of one core, from the first pass to the end of the demand
  /// @param idleCpuPercent of one core, over two seconds in which demand stays as it is and no
  ///   requests are sent, while batch goes on; empty if that was not measured
  /// @param eventsLost events that an observer of the demo could not take; 0 or the figures are not
  ///   to be trusted
  record Used(
      double startMillis,
      EngineUsage.Memory memory,
      double cpuPercent,
      OptionalDouble idleCpuPercent,
      long eventsLost) {}

  /// Requests without a right answer in time, of all that are over.
  OptionalDouble unservedPercent() {
    var requests = work.requests();
    long over = requests.answered() + requests.missed();
    return over > 0 ? OptionalDouble.of(100.0 * requests.missed() / over) : OptionalDouble.empty();
  }

  ObjectNode json() {
    var root = JsonNodeFactory.instance.objectNode();
    root.put("seed", asked.seed)
        .put("slots", asked.slots)
        .put("demand", asked.demand)
        .put("measuredSeconds", round(figures.measuredFor().toNanos() / 1e9))
        .put("passes", figures.passes());
    root.set("reactionMillis", json(figures.reactionMillis()));
    root.set("decisionMicros", json(figures.decisionMicros()));
    put(root, "unservedPercent", unservedPercent());
    put(root, "unservedReplicaSecondsPercent", figures.unservedPercent());
    put(root, "utilisationPercent", figures.utilisationPercent());
    var requests = work.requests();
    var sent = root.putObject("requests");
    sent.put("perReplicaSecond", asked.perReplicaSecond)
        .put("sent", requests.sent())
        .put("answered", requests.answered())
        .put("missed", requests.missed())
        .put("refused", requests.refused())
        .put("wrong", requests.wrong())
        .put("retried", requests.retried())
        .put("skipped", work.skipped());
    sent.set("answerMillis", json(answerMillis));
    actions(root.putObject("web"), web);
    actions(
            root.putObject("batch")
                .put("unitsDone", work.blocks())
                .put("unitsWrong", work.wrongBlocks()),
            batch)
        .put("lostSeconds", round(work.lost().toNanos() / 1e9));
    var used = root.putObject("engine");
    used.put("startMillis", round(engine.startMillis))
        .put("rssMegabytes", round(engine.memory.resident()))
        .put("peakRssMegabytes", round(engine.memory.peak()))
        .put("cpuPercent", round(engine.cpuPercent));
    put(used, "idleCpuPercent", engine.idleCpuPercent);
    used.put("eventsLost", engine.eventsLost);
    return root;
  }

  private ObjectNode actions(ObjectNode node, ServiceId service) {
    return node.put("starts", count(service, "start"))
        .put("stops", count(service, "stop"))
        .put("pauses", count(service, "pause"))
        .put("resumes", count(service, "resume"))
        .put("scales", count(service, "scale"));
  }

  private long count(ServiceId service, String verb) {
    return figures.service(service).actions(verb).accepted();
  }

  private static ObjectNode json(Percentiles percentiles) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("count", percentiles.count())
        .put("p50", round(percentiles.p50()))
        .put("p90", round(percentiles.p90()))
        .put("p99", round(percentiles.p99()))
        .put("max", round(percentiles.max()));
  }

  private static void put(ObjectNode node, String key, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(key, round(value.getAsDouble()));
    } else {
      node.putNull(key);
    }
  }

  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  /// The same for people.
  List<String> lines() {
    var requests = work.requests();
    return List.of(
        String.format(
            Locale.ROOT,
            "%.1f s of '%s' demand on %d slots, seed %d: %d passes",
            figures.measuredFor().toNanos() / 1e9,
            asked.demand,
            asked.slots,
            asked.seed,
            figures.passes()),
        String.format(
            Locale.ROOT,
            "  reaction     %s ms, from demand known to replica ready",
            percentiles(figures.reactionMillis())),
        String.format(
            Locale.ROOT, "  decision     %s µs a pass", percentiles(figures.decisionMicros())),
        String.format(
            Locale.ROOT,
            "  unserved     %s of the requests (%s of the demand, in replicas)",
            percent(unservedPercent()),
            percent(figures.unservedPercent())),
        String.format(
            Locale.ROOT, "  utilisation  %s of the slots", percent(figures.utilisationPercent())),
        String.format(
            Locale.ROOT,
            "  web          %d requests, %d answered right and in time, %d not; %s",
            requests.sent(),
            requests.answered(),
            requests.missed(),
            actions(web)),
        String.format(
            Locale.ROOT,
            "  batch        %d blocks computed, %.1f s of work lost; %s",
            work.blocks(),
            work.lost().toNanos() / 1e9,
            actions(batch)),
        String.format(
            Locale.ROOT,
            "  engine       first pass %.0f ms after its start, %.0f MB, %.1f %% of a core%s",
            engine.startMillis,
            engine.memory.resident(),
            engine.cpuPercent,
            engine.idleCpuPercent.isPresent()
                ? String.format(
                    Locale.ROOT, ", %.1f %% when idle", engine.idleCpuPercent.getAsDouble())
                : ""));
  }

  private String actions(ServiceId service) {
    return String.format(
        Locale.ROOT,
        "%d starts, %d stops, %d pauses, %d resumes",
        count(service, "start"),
        count(service, "stop"),
        count(service, "pause"),
        count(service, "resume"));
  }

  private static String percentiles(Percentiles of) {
    return of.count() == 0
        ? "none"
        : String.format(
            Locale.ROOT,
            "p50 %.1f, p90 %.1f, p99 %.1f, max %.1f",
            of.p50(),
            of.p90(),
            of.p99(),
            of.max());
  }

  private static String percent(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.2f %%", value.getAsDouble()) : "–";
  }
}
