package io.microscale.orchestrators.kubernetes.custom;

import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.planning.Step;
import io.microscale.orchestrators.kubernetes.custom.StatusApi.Happening;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Says what an action that has ended is to the people who own the workload, with the reason that
/// the plan gave for it.
final class Happenings {
  private static final int STEPS = 10_000;

  private final Map<String, Step> steps =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Step> eldest) {
          return size() > STEPS;
        }
      };

  private Map<ServiceId, Resources> full = Map.of();

  /// @param resources of a replica of each service that is not throttled
  void begin(Map<ServiceId, Resources> resources) {
    full = Map.copyOf(resources);
    steps.clear();
  }

  void planned(List<Step> plan) {
    plan.forEach(step -> steps.put(key(step.action()), step));
  }

  /// What happened; empty if nothing did that concerns the workload, such as a request that will be
  /// repeated.
  Optional<Happening> ended(LoopEvent.ActionEnded ended) {
    var action = ended.action();
    var step = Optional.ofNullable(steps.remove(key(action)));
    if (ended.failure().isPresent()) {
      var failure = ended.failure().get();
      return failure.kind() == OrchestratorException.Kind.REJECTED
          ? Optional.of(
              new Happening(
                  true,
                  "Refused",
                  action.verb(),
                  "%s: %s".formatted(action.verb(), failure.message()),
                  ended.at()))
          : Optional.empty();
    }
    if (ended.givenUp()) {
      return Optional.empty();
    }
    boolean forAnother = step.flatMap(Step::inFavourOf).isPresent();
    var reason = step.map(s -> ": " + s.reason()).orElse("");
    return Optional.of(
        new Happening(
            false, reason(action, forAnother), action.verb(), said(action) + reason, ended.at()));
  }

  private String reason(Action action, boolean forAnother) {
    return switch (action) {
      case Action.Scale _ -> forAnother ? "ScaledForPriority" : "Scaled";
      case Action.Resize(var service, _, var resources) ->
          isLess(service, resources) ? "Throttled" : "Unthrottled";
      case Action.Pause _ -> "Paused";
      case Action.Resume _ -> "Resumed";
      case Action.Start _ -> "Started";
      case Action.Stop _ -> "Stopped";
    };
  }

  private boolean isLess(ServiceId service, Resources resources) {
    var most = full.get(service);
    return most != null && resources.get(Resources.CPU) < most.get(Resources.CPU);
  }

  private static String said(Action action) {
    return switch (action) {
      case Action.Scale scale -> "scaled to " + scale.replicas();
      case Action.Resize resize -> "%s to %s".formatted(resize.replica(), resize.resources());
      case Action.OfReplica other -> other.replica().value();
    };
  }

  private static String key(Action action) {
    return action.service() + "/" + action.subject();
  }
}
