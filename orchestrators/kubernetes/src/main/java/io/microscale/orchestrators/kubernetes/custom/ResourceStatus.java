package io.microscale.orchestrators.kubernetes.custom;

import io.microscale.core.loop.Decision;
import io.microscale.core.scaling.Claim;
import io.microscale.orchestrators.kubernetes.custom.Condition.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The status of one resource.
///
/// @param numbers by key; null where nothing is known, which takes the key away
/// @param details by key: what may be a little older than the numbers, since it changes with every
///   reading
record ResourceStatus(
    Map<String, @Nullable Integer> numbers,
    Map<String, @Nullable Object> details,
    List<Condition> conditions) {
  private static final List<String> STATES = List.of("starting", "running", "paused", "stopping");
  private static final String NOT_DECIDED = "not decided yet";
  private static final int SHORT = 160;

  ResourceStatus {
    conditions = List.copyOf(conditions);
  }

  /// That of a service.
  static ResourceStatus ofService(Verdict verdict, EngineView engine, Instant now) {
    var resource = verdict.resource();
    var decision = engine.decision(resource.name());
    var numbers = new LinkedHashMap<String, @Nullable Integer>();
    numbers.put("claimed", decision.map(d -> d.grant().claimed()).orElse(null));
    numbers.put("granted", decision.map(d -> d.grant().granted()).orElse(null));
    states(numbers, decision.stream().toList());
    var conditions = new Conditions(resource.generation(), now);
    conditions.add("Accepted", Value.of(verdict.accepted()), verdict.reason(), verdict.message());
    if (engine.idle().isPresent() || decision.isEmpty()) {
      conditions.add("Ready", Value.UNKNOWN, "NoDecision", engine.idle().orElse(NOT_DECIDED));
    } else {
      ready(conditions, engine, decision.get());
      limited(conditions, engine, decision.get());
      demand(conditions, decision.get().claim());
    }
    var details = new LinkedHashMap<String, @Nullable Object>();
    details.put(
        "demand",
        decision
            .filter(d -> d.claim().basis() != Claim.Basis.REMAINDER)
            .map(d -> Math.round(d.claim().demand() * 100) / 100.0)
            .orElse(null));
    details.put("reason", shortened(reason(verdict, engine)));
    return new ResourceStatus(numbers, details, conditions.all);
  }

  private static void ready(Conditions conditions, EngineView engine, Decision decision) {
    int granted = decision.grant().granted();
    if (engine.blind().isPresent()) {
      conditions.add("Ready", Value.UNKNOWN, "Blind", engine.blind().get());
    } else if (decision.running() >= granted) {
      conditions.add("Ready", Value.TRUE, "AsGranted", "as many run as are granted");
    } else {
      var backoff = engine.backoffs().get(decision.service());
      conditions.add(
          "Ready",
          Value.FALSE,
          backoff == null ? "Starting" : "BackingOff",
          backoff == null
              ? "%d of %d run".formatted(decision.running(), granted)
              : "%d of %d run: %s".formatted(decision.running(), granted, backoff.reason()));
    }
  }

  private static void limited(Conditions conditions, EngineView engine, Decision decision) {
    if (!isLimited(decision)) {
      conditions.add("Limited", Value.FALSE, "GetsItsClaim", decision.grant().reason());
      return;
    }
    var reason =
        engine.backoffs().containsKey(decision.service())
            ? "BackingOff"
            : decision.claim().basis() == Claim.Basis.REMAINDER ? "Remainder" : "NoRoom";
    conditions.add("Limited", Value.TRUE, reason, decision.grant().reason());
  }

  private static void demand(Conditions conditions, Claim claim) {
    switch (claim.basis()) {
      case READING -> conditions.add("DemandKnown", Value.TRUE, "Reading", claim.reason());
      case HOLD -> conditions.add("DemandKnown", Value.TRUE, "Hold", claim.reason());
      case LAST_KNOWN -> conditions.add("DemandKnown", Value.FALSE, "LastKnown", claim.reason());
      case FALLBACK -> conditions.add("DemandKnown", Value.FALSE, "Fallback", claim.reason());
      case SUSPENDED -> conditions.add("DemandKnown", Value.UNKNOWN, "Suspended", claim.reason());
      case REMAINDER -> {}
    }
  }

  private static boolean isLimited(Decision decision) {
    return decision.grant().granted() < decision.grant().claimed();
  }

  private static String reason(Verdict verdict, EngineView engine) {
    var decision = engine.decision(verdict.resource().name());
    if (!verdict.accepted()) {
      return verdict.message();
    }
    if (engine.idle().isPresent() || decision.isEmpty()) {
      return engine.idle().orElse(NOT_DECIDED);
    }
    if (engine.blind().isPresent()) {
      return "blind: " + engine.blind().get();
    }
    return isLimited(decision.get())
        ? decision.get().grant().reason()
        : decision.get().claim().reason();
  }

  /// That of a pool.
  ///
  /// @param process what people know the engine by
  static ResourceStatus ofPool(Verdict verdict, EngineView engine, String process, Instant now) {
    var decisions = List.copyOf(engine.decisions().values());
    int limited =
        (int)
            decisions.stream()
                .filter(d -> isLimited(d) && d.claim().basis() != Claim.Basis.REMAINDER)
                .count();
    var numbers = new LinkedHashMap<String, @Nullable Integer>();
    numbers.put("services", engine.pool().map(pool -> pool.services().size()).orElse(null));
    numbers.put("limited", decisions.isEmpty() ? null : (Integer) limited);
    states(numbers, decisions);
    var conditions = new Conditions(verdict.resource().generation(), now);
    conditions.add("Accepted", Value.of(verdict.accepted()), verdict.reason(), verdict.message());
    String reason;
    if (engine.idle().isPresent()) {
      reason = engine.idle().get();
      conditions.add("Ready", Value.FALSE, "NoEngine", reason);
    } else if (engine.blind().isPresent()) {
      reason = "blind: " + engine.blind().get();
      conditions.add("Ready", Value.UNKNOWN, "Blind", reason);
    } else if (decisions.isEmpty()) {
      reason = NOT_DECIDED;
      conditions.add("Ready", Value.UNKNOWN, "NoDecision", reason);
    } else {
      reason = limited == 0 ? "all get what they claim" : limited + " get less than they claim";
      conditions.add("Ready", Value.TRUE, "Running", process + " runs it");
      conditions.add(
          "Limited",
          Value.of(limited > 0),
          limited == 0 ? "AllGetTheirClaim" : "NoRoom",
          limited == 0 ? reason : limitedNames(decisions));
    }
    var details = new LinkedHashMap<String, @Nullable Object>();
    details.put("engine", process);
    details.put("reason", shortened(verdict.accepted() ? reason : verdict.message()));
    return new ResourceStatus(numbers, details, conditions.all);
  }

  private static String limitedNames(List<Decision> decisions) {
    return decisions.stream()
        .filter(ResourceStatus::isLimited)
        .map(d -> d.service() + " " + d.grant().reason())
        .sorted()
        .reduce((a, b) -> a + "; " + b)
        .orElse("");
  }

  private static void states(Map<String, @Nullable Integer> numbers, List<Decision> decisions) {
    List<ToIntFunction<Decision>> counts =
        List.of(Decision::starting, Decision::running, Decision::paused, Decision::stopping);
    for (int i = 0; i < STATES.size(); i++) {
      int sum = decisions.stream().mapToInt(counts.get(i)).sum();
      numbers.put(STATES.get(i), decisions.isEmpty() ? null : (Integer) sum);
    }
  }

  private static String shortened(String text) {
    return text.length() > SHORT ? text.substring(0, SHORT - 1) + "…" : text;
  }

  /// The same, with conditions that are as they were since then.
  ResourceStatus after(List<Condition> before) {
    return new ResourceStatus(
        numbers, details, conditions.stream().map(condition -> condition.after(before)).toList());
  }

  /// Whether it says the same, in other words perhaps.
  boolean saysAs(ResourceStatus other) {
    return numbers.equals(other.numbers)
        && conditions.size() == other.conditions.size()
        && IntStream.range(0, conditions.size())
            .allMatch(i -> conditions.get(i).answersAs(other.conditions.get(i)));
  }

  Map<String, @Nullable Object> json(long observedGeneration) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("observedGeneration", observedGeneration);
    json.putAll(numbers);
    json.putAll(details);
    json.put("conditions", conditions.stream().map(Condition::json).toList());
    return json;
  }

  private static final class Conditions {
    private final List<Condition> all = new ArrayList<>();
    private final long generation;
    private final Instant now;

    private Conditions(long generation, Instant now) {
      this.generation = generation;
      this.now = now;
    }

    private void add(String type, Value value, String reason, String message) {
      all.add(Condition.of(type, value, reason, message, generation, now));
    }
  }
}
