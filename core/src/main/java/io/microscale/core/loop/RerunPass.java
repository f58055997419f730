package io.microscale.core.loop;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.planning.InFlight;
import io.microscale.core.planning.Plan;
import io.microscale.core.planning.Step;
import io.microscale.core.planning.Waiting;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A recorded pass beside the same pass made again.
///
/// @param recorded what the engine decided
/// @param recordedGivenUp the actions that it gave up in this pass
/// @param decisions made again, one for each service
/// @param plan made again
/// @param givenUp made again
/// @param known whether all that came before this pass was recorded; if not, what the engine
///   remembered is not known, and a difference may come of that
public record RerunPass(
    LoopEvent.Passed recorded,
    List<Action> recordedGivenUp,
    List<Decision> decisions,
    Plan plan,
    List<Action> givenUp,
    boolean known) {
  private static final String NOTHING = "nothing";
  private static final ReplicaId SOME = new ReplicaId("new");

  /// The parts of a decision that are more than an explanation.
  private static final Set<String> EFFECTS =
      Set.of("claim.replicas", "claim.standby", "grant.granted");

  /// What can differ of a decision, by name.
  private static final Map<String, Function<Decision, Object>> PARTS = parts();

  static RerunPass of(
      LoopEvent.Passed recorded, List<Action> givenUp, Pass.Result again, boolean known) {
    return new RerunPass(
        recorded,
        List.copyOf(givenUp),
        again.decisions(),
        again.plan(),
        again.givenUp().stream().map(InFlight::action).toList(),
        known);
  }

  private static Map<String, Function<Decision, Object>> parts() {
    var parts = new LinkedHashMap<String, Function<Decision, Object>>();
    parts.put("claim.demand", d -> d.claim().demand());
    parts.put("claim.replicas", d -> d.claim().replicas());
    parts.put("claim.standby", d -> d.claim().standby());
    parts.put("claim.basis", d -> d.claim().basis());
    parts.put("claim.reason", d -> d.claim().reason());
    parts.put("grant.claimed", d -> d.grant().claimed());
    parts.put("grant.granted", d -> d.grant().granted());
    parts.put("grant.reason", d -> d.grant().reason());
    parts.put("starting", Decision::starting);
    parts.put("running", Decision::running);
    parts.put("paused", Decision::paused);
    parts.put("stopping", Decision::stopping);
    return Collections.unmodifiableMap(parts);
  }

  /// Whether everything came out the same, down to the sentences.
  public boolean same() {
    return decisions.equals(recorded.decisions())
        && plan.equals(recorded.plan())
        && givenUp.equals(recordedGivenUp);
  }

  /// What came out otherwise of what is claimed, granted and done, in short; empty if the
  /// difference is only one of words, of what waits or of the names of new replicas.
  public List<RerunDifference> effects() {
    var all = new ArrayList<RerunDifference>();
    var again = byService(decisions);
    byService(recorded.decisions())
        .forEach(
            (service, then) -> compare(service, then, again.get(service), EFFECTS::contains, all));
    if (!sameActions()) {
      all.add(new RerunDifference("plan", counted(recorded.plan()), counted(plan)));
    }
    return all;
  }

  private static String counted(Plan plan) {
    var counts = new TreeMap<String, Integer>();
    for (var step : plan.steps()) {
      var action = step.action();
      counts.merge(
          action instanceof Action.Scale ? words(action) : action.verb() + " " + action.service(),
          1,
          Integer::sum);
    }
    return counts.isEmpty()
        ? NOTHING
        : counts.entrySet().stream()
            .map(e -> e.getValue() == 1 ? e.getKey() : e.getValue() + " x " + e.getKey())
            .collect(Collectors.joining(", "));
  }

  /// Whether the same would have been asked of the orchestrator, whatever the names of replicas to
  /// be started and the reasons.
  public boolean sameActions() {
    return anonymous(plan).equals(anonymous(recorded.plan()));
  }

  private static List<Action> anonymous(Plan plan) {
    return plan.steps().stream().map(step -> anonymous(step.action())).toList();
  }

  private static Action anonymous(Action action) {
    return action instanceof Action.Start(var service, _, var node, var resources)
        ? new Action.Start(service, SOME, node, resources)
        : action;
  }

  /// All that came out otherwise, empty if it is the [#same].
  public List<RerunDifference> differences() {
    if (same()) {
      return List.of();
    }
    var all = new ArrayList<RerunDifference>();
    var again = byService(decisions);
    byService(recorded.decisions())
        .forEach(
            (service, decision) ->
                compare(service, decision, again.remove(service), _ -> true, all));
    again
        .keySet()
        .forEach(service -> all.add(new RerunDifference(service.value(), NOTHING, "a decision")));
    compare("plan.steps", recorded.plan().steps(), plan.steps(), RerunPass::words, all);
    compare("plan.waiting", recorded.plan().waiting(), plan.waiting(), RerunPass::words, all);
    compare("givenUp", recordedGivenUp, givenUp, RerunPass::words, all);
    return all;
  }

  private static Map<ServiceId, Decision> byService(List<Decision> decisions) {
    return decisions.stream()
        .collect(
            Collectors.toMap(Decision::service, d -> d, (first, _) -> first, LinkedHashMap::new));
  }

  private static void compare(
      ServiceId service,
      Decision then,
      @Nullable Decision now,
      Predicate<String> parts,
      List<RerunDifference> all) {
    if (now == null) {
      all.add(new RerunDifference(service.value(), "a decision", NOTHING));
      return;
    }
    PARTS.forEach(
        (name, part) -> {
          var before = part.apply(then);
          var after = part.apply(now);
          if (parts.test(name) && !before.equals(after)) {
            all.add(new RerunDifference(service + ": " + name, "" + before, "" + after));
          }
        });
  }

  private static <T> void compare(
      String where,
      List<T> then,
      List<T> now,
      Function<T, String> words,
      List<RerunDifference> all) {
    for (int i = 0; i < Math.max(then.size(), now.size()); i++) {
      var before = i < then.size() ? then.get(i) : null;
      var after = i < now.size() ? now.get(i) : null;
      if (!Objects.equals(before, after)) {
        all.add(
            new RerunDifference(
                where + "[" + i + "]",
                before == null ? NOTHING : words.apply(before),
                after == null ? NOTHING : words.apply(after)));
      }
    }
  }

  private static String words(Step step) {
    return "%s%s (%s)"
        .formatted(
            words(step.action()),
            step.inFavourOf().map(other -> " in favour of " + other).orElse(""),
            step.reason());
  }

  private static String words(Action action) {
    return switch (action) {
      case Action.Start start ->
          "start %s on %s with %s".formatted(start.replica(), start.node(), start.resources());
      case Action.Resize resize ->
          "resize %s to %s".formatted(resize.replica(), resize.resources());
      case Action.Scale scale ->
          "scale %s to %d%s"
              .formatted(
                  scale.service(),
                  scale.replicas(),
                  scale.victims().isEmpty() ? "" : " without " + scale.victims());
      case Action.Stop _, Action.Pause _, Action.Resume _ -> action.verb() + " " + action.subject();
    };
  }

  private static String words(Waiting waiting) {
    return "%d of %s wait%s (%s)"
        .formatted(
            waiting.replicas(),
            waiting.service(),
            waiting.until().map(until -> " until " + until).orElse(""),
            waiting.reason());
  }
}
