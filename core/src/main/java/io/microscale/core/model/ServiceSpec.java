package io.microscale.core.model;

import io.microscale.core.scaling.Headroom;
import io.microscale.core.scaling.ScalingPolicy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/// What the operator asks for one service.
///
/// @param priority higher wins, as in a Kubernetes PriorityClass
/// @param min replicas that are never reclaimed
/// @param max replicas in any state, paused ones included
/// @param weight its part among services of the same priority, over the dominant resource
/// @param resources what one replica needs while it runs; some of it
/// @param remainder takes whatever is left, up to `max`, instead of following a demand
/// @param scaling how a reading becomes replicas; unused by a remainder service
/// @param headroom replicas beyond the present demand; unused by a remainder service
/// @param hold how long demand must have stayed down before room goes back
/// @param reclaim the ladder, cheapest first; ends with `STOP`
/// @param throttled what a throttled replica keeps; needed for, and only for, `THROTTLE`
/// @param whilePaused what a paused replica keeps; empty for all but the processor and the slot
/// @param standby ready replicas kept paused beside those that run; needs `PAUSE` in the ladder
/// @param minRuntime how long a replica is safe from being stopped for another service
public record ServiceSpec(
    ServiceId id,
    int priority,
    int min,
    int max,
    double weight,
    Resources resources,
    boolean remainder,
    ScalingPolicy scaling,
    Headroom headroom,
    Duration hold,
    List<Reclaim> reclaim,
    Optional<Resources> throttled,
    Optional<Resources> whilePaused,
    Standby standby,
    Duration minRuntime,
    Optional<Fallback> fallback) {

  public ServiceSpec {
    reclaim = List.copyOf(reclaim);
    require(
        min >= 0 && max >= min, id, "need 0 <= min <= max", "min=%d max=%d".formatted(min, max));
    require(weight > 0 && Double.isFinite(weight), id, "weight: need a finite number > 0", weight);
    require(!resources.isZero(), id, "resources: need some of at least one", resources);
    require(
        standby.most() >= 0 && standby.most() <= max,
        id,
        "standby: need 0 to max=" + max,
        standby.most());
    require(!hold.isNegative(), id, "hold: need >= 0s", hold);
    require(!minRuntime.isNegative(), id, "minRuntime: need >= 0s", minRuntime);
    Times.requireBounded(id + ": hold", hold);
    Times.requireBounded(id + ": minRuntime", minRuntime);
    require(
        !reclaim.isEmpty()
            && reclaim.getLast() == Reclaim.STOP
            && reclaim.equals(List.copyOf(EnumSet.copyOf(reclaim))),
        id,
        "reclaim: need a ladder out of throttle, pause, stop, in that order and ending with stop",
        reclaim);
    require(
        standby.isNone() || reclaim.contains(Reclaim.PAUSE),
        id,
        "standby: needs pause in reclaim",
        reclaim);
    require(
        reclaim.contains(Reclaim.THROTTLE) == throttled.isPresent(),
        id,
        "throttled: need it exactly when reclaim has throttle",
        throttled.map(Resources::toString).orElse("none"));
    require(
        throttled.isEmpty() || throttled.get().fitsIn(resources),
        id,
        "throttled: need at most resources " + resources,
        throttled.map(Resources::toString).orElse("none"));
    require(
        whilePaused.isEmpty() || whilePaused.get().fitsIn(resources),
        id,
        "whilePaused: need at most resources " + resources,
        whilePaused.map(Resources::toString).orElse("none"));
    fallback.ifPresent(
        f ->
            require(
                f.replicas() <= max,
                id,
                "fallback.replicas: need at most max=" + max,
                f.replicas()));
  }

  private static void require(boolean holds, ServiceId id, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("%s: %s, got %s".formatted(id, rule, value));
    }
  }

  /// What a replica uses while it is throttled: its resources, capped by `throttled`.
  public Resources throttledResources() {
    return throttled.map(resources::cappedBy).orElse(resources);
  }

  /// What a replica keeps while it is paused.
  public Resources heldWhilePaused() {
    return whilePaused.orElseGet(resources::heldWhilePaused);
  }

  public boolean pauses() {
    return reclaim.contains(Reclaim.PAUSE);
  }

  /// How many replicas may stay paused beside `active` ones of `claimed`: the standby that is
  /// `wanted`, and whatever had to give way to a higher priority; of a service that takes the
  /// remainder everything up to `max`.
  public int pausedLimit(int active, int claimed, int wanted) {
    if (!pauses()) {
      return 0;
    }
    int most = remainder ? max : Math.max(wanted, claimed - active);
    return Math.max(0, Math.min(most, max - active));
  }

  /// The same where nothing can be paused: standby would only be started and stopped again.
  public ServiceSpec withoutPausing() {
    return new ServiceSpec(
        id,
        priority,
        min,
        max,
        weight,
        resources,
        remainder,
        scaling,
        headroom,
        hold,
        reclaim.stream().filter(rung -> rung != Reclaim.PAUSE).toList(),
        throttled,
        Optional.empty(),
        Standby.NONE,
        minRuntime,
        fallback);
  }

  public static Builder named(String name) {
    return new Builder(new ServiceId(name));
  }

  /// Starts from the defaults: priority 0, min 0, max 10, weight 1, one slot, raw replicas, no
  /// headroom, no hold, `[STOP]`.
  public static final class Builder {
    private final ServiceId id;
    private int priority;
    private int min;
    private int max = 10;
    private double weight = 1;
    private Resources resources = Resources.slots(1);
    private boolean remainder;
    private ScalingPolicy scaling = new ScalingPolicy.RawReplicas();
    private Headroom headroom = Headroom.NONE;
    private Duration hold = Duration.ZERO;
    private List<Reclaim> reclaim = List.of(Reclaim.STOP);
    private Optional<Resources> throttled = Optional.empty();
    private Optional<Resources> whilePaused = Optional.empty();
    private Standby standby = Standby.NONE;
    private Duration minRuntime = Duration.ZERO;
    private Optional<Fallback> fallback = Optional.empty();

    private Builder(ServiceId id) {
      this.id = id;
    }

    public Builder priority(int value) {
      priority = value;
      return this;
    }

    public Builder replicas(int least, int most) {
      min = least;
      max = most;
      return this;
    }

    public Builder weight(double value) {
      weight = value;
      return this;
    }

    public Builder resources(Resources value) {
      resources = value;
      return this;
    }

    public Builder remainder() {
      remainder = true;
      return this;
    }

    public Builder scaling(ScalingPolicy value) {
      scaling = value;
      return this;
    }

    public Builder headroom(Headroom value) {
      headroom = value;
      return this;
    }

    public Builder hold(Duration value) {
      hold = value;
      return this;
    }

    public Builder reclaim(Reclaim... ladder) {
      reclaim = List.of(ladder);
      return this;
    }

    public Builder throttled(Resources value) {
      throttled = Optional.of(value);
      return this;
    }

    public Builder whilePaused(Resources value) {
      whilePaused = Optional.of(value);
      return this;
    }

    public Builder standby(int replicas) {
      return standby(Standby.of(replicas));
    }

    public Builder standby(Standby value) {
      standby = value;
      return this;
    }

    public Builder minRuntime(Duration value) {
      minRuntime = value;
      return this;
    }

    public Builder fallback(Duration after, int replicas) {
      fallback = Optional.of(new Fallback(after, replicas));
      return this;
    }

    /// Makes the spec.
    ///
    /// @throws IllegalArgumentException naming the service, the rule and the value that breaks it
    public ServiceSpec build() {
      return new ServiceSpec(
          id,
          priority,
          min,
          max,
          weight,
          resources,
          remainder,
          scaling,
          headroom,
          hold,
          reclaim,
          throttled,
          whilePaused,
          standby,
          minRuntime,
          fallback);
    }
  }
}
