package io.microscale.core.scaling;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Standby;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes the claim of one service: policy, then headroom, then the hold, then min and max; and what
/// to do while nothing is known.
public final class Claimant {
  private Claimant() {}

  /// What is remembered of a service between passes.
  ///
  /// @param applied the reading that `policy` has taken in
  /// @param called the replicas that `applied` called for
  /// @param recent claims of the hold window, the newest last, each lower than the one before: what
  ///   a sliding maximum needs; at most one per distinct claim
  /// @param peaks likewise for the claims that standby is kept for
  /// @param knownAt when the demand was last known
  /// @param learned what a learned headroom has learned; empty while there is none
  public record Memory(
      ScalingPolicy.Memory policy,
      Optional<Reading.Value> applied,
      double called,
      String why,
      List<Dated> recent,
      List<Dated> peaks,
      Optional<Instant> knownAt,
      Optional<Learning> learned) {
    public static final Memory NONE =
        new Memory(
            ScalingPolicy.Memory.NONE,
            Optional.empty(),
            0,
            "",
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty());

    public Memory {
      recent = List.copyOf(recent);
      peaks = List.copyOf(peaks);
    }

    private Memory holding(Dated only) {
      return new Memory(policy, applied, called, why, List.of(only), peaks, knownAt, learned);
    }

    private Memory peaking(List<Dated> claims) {
      return new Memory(policy, applied, called, why, recent, claims, knownAt, learned);
    }
  }

  /// A claim of the past.
  ///
  /// @param until the last moment at which these replicas were called for
  public record Dated(int replicas, Instant until) {}

  /// A claim with what to remember.
  ///
  /// @param wakeAt when the claim may change without a new reading
  public record Result(Claim claim, Memory memory, Optional<Instant> wakeAt) {}

  /// Makes the claim.
  ///
  /// @param reading the latest reading, empty if there was none yet
  /// @param outlook what it takes to follow a rise
  /// @param ready replicas that are ready now
  /// @param kept replicas that are there, paused ones aside: what is held while nothing has ever
  ///   been known
  public static Result claim(
      ServiceSpec spec,
      Memory memory,
      Optional<Reading> reading,
      Outlook outlook,
      int ready,
      int kept,
      Instant now) {
    if (spec.remainder()) {
      return new Result(
          new Claim(
              spec.id(),
              0,
              spec.max(),
              0,
              Claim.Basis.REMAINDER,
              "takes what is left, at most " + spec.max()),
          memory,
          Optional.empty());
    }
    return withStandby(spec, follow(spec, memory, reading, outlook, ready, kept, now), now);
  }

  private static Result withStandby(ServiceSpec spec, Result result, Instant now) {
    if (spec.standby().isNone()) {
      return result;
    }
    var claim = result.claim;
    var memory = result.memory;
    int peak = claim.replicas();
    if (spec.standby().expected()) {
      memory = memory.peaking(slide(memory.peaks, claim.replicas(), Standby.REMEMBERED, now));
      peak = memory.peaks.getFirst().replicas();
    }
    int standby = spec.standby().beside(claim.replicas(), peak);
    return new Result(
        new Claim(
            claim.service(),
            claim.demand(),
            claim.replicas(),
            Math.min(standby, spec.max() - claim.replicas()),
            claim.basis(),
            claim.reason()),
        memory,
        result.wakeAt);
  }

  private static Result follow(
      ServiceSpec spec,
      Memory memory,
      Optional<Reading> reading,
      Outlook outlook,
      int ready,
      int kept,
      Instant now) {
    if (reading.isPresent() && reading.get() instanceof Reading.Value value) {
      var maxAge = spec.fallback().map(f -> f.after());
      if (maxAge.isPresent() && !now.isBefore(value.at().plus(maxAge.get()))) {
        return unknown(spec, memory, "the last reading is from " + value.at(), kept, now);
      }
      var result = known(spec, memory, value, outlook, ready, kept, now);
      return maxAge.isPresent()
          ? new Result(
              result.claim,
              result.memory,
              earliest(result.wakeAt, Optional.of(value.at().plus(maxAge.get()))))
          : result;
    }
    return unknown(
        spec,
        memory,
        reading
            .map(r -> r instanceof Reading.Missing(var why, _) ? why : "")
            .orElse("no reading yet"),
        kept,
        now);
  }

  private static Result known(
      ServiceSpec spec,
      Memory memory,
      Reading.Value value,
      Outlook outlook,
      int ready,
      int kept,
      Instant now) {
    var taken = memory;
    if (!memory.applied.equals(Optional.of(value))) {
      var decision = spec.scaling().decide(memory.policy, value, ready);
      taken =
          new Memory(
              decision.memory(),
              Optional.of(value),
              decision.replicas(),
              decision.why(),
              memory.recent,
              memory.peaks,
              Optional.of(value.at()),
              learned(spec, memory, value, decision.replicas(), outlook, kept));
    }
    int wanted = clamp(spec, covered(spec, taken));
    var recent = slide(taken.recent, wanted, spec.hold(), now);
    var next =
        new Memory(
            taken.policy,
            taken.applied,
            taken.called,
            taken.why,
            recent,
            taken.peaks,
            taken.knownAt,
            taken.learned);
    int held = recent.getFirst().replicas();
    if (held > wanted) {
      var until = recent.getFirst().until().plus(spec.hold());
      return new Result(
          new Claim(
              spec.id(),
              taken.called,
              held,
              0,
              Claim.Basis.HOLD,
              taken.why
                  + "; with headroom "
                  + wanted
                  + ", but "
                  + held
                  + " are held until "
                  + until),
          next,
          Optional.of(until));
    }
    return new Result(
        new Claim(
            spec.id(),
            taken.called,
            wanted,
            0,
            Claim.Basis.READING,
            taken.why + "; claims " + wanted + learnedFor(taken) + bounded(spec, wanted)),
        next,
        Optional.empty());
  }

  private static Optional<Learning> learned(
      ServiceSpec spec,
      Memory memory,
      Reading.Value value,
      double replicas,
      Outlook outlook,
      int kept) {
    return spec.headroom() instanceof Headroom.Learned headroom
        ? Optional.of(
            memory
                .learned
                .map(l -> l.at(headroom))
                .orElseGet(() -> Learning.of(headroom, kept))
                .take(value, replicas, outlook, spec.max()))
        : Optional.empty();
  }

  private static int covered(ServiceSpec spec, Memory memory) {
    return switch (spec.headroom()) {
      case Headroom.Fixed fixed -> fixed.cover(memory.called);
      // A claim that is learned for another max is cut by it. Nothing is learned yet of a reading
      // that was taken in before the headroom became a learned one.
      case Headroom.Learned _ ->
          memory
              .learned
              .map(Learning::claim)
              .orElseGet(() -> Headroom.UNLEARNED.cover(memory.called));
    };
  }

  private static String learnedFor(Memory memory) {
    return memory.learned.map(l -> l.why()).orElse("");
  }

  private static Result unknown(
      ServiceSpec spec, Memory memory, String why, int kept, Instant now) {
    // Before anything is known, what is there is held, even if some of it dies meanwhile.
    var recent =
        memory.recent.isEmpty() ? List.of(new Dated(clamp(spec, kept), now)) : memory.recent;
    int last = clamp(spec, recent.getFirst().replicas());
    var next =
        new Memory(
            memory.policy,
            memory.applied,
            memory.called,
            memory.why,
            recent,
            memory.peaks,
            Optional.of(memory.knownAt.orElse(now)),
            memory.learned);
    if (spec.fallback().isPresent()) {
      var fallback = spec.fallback().get();
      // The clock of a service of which nothing was ever known starts with its first pass.
      var since = next.knownAt.orElse(now);
      var due = since.plus(fallback.after());
      if (!now.isBefore(due)) {
        int replicas = clamp(spec, fallback.replicas());
        return new Result(
            new Claim(
                spec.id(),
                memory.called,
                replicas,
                0,
                Claim.Basis.FALLBACK,
                "%s; nothing known since %s, so the fallback: %d".formatted(why, since, replicas)),
            // From now on this is what room is held for, not a claim from before the outage.
            next.holding(new Dated(replicas, now)),
            Optional.empty());
      }
      return new Result(lastKnown(spec, next, why, last), next, Optional.of(due));
    }
    return new Result(lastKnown(spec, next, why, last), next, Optional.empty());
  }

  private static Claim lastKnown(ServiceSpec spec, Memory memory, String why, int last) {
    return new Claim(
        spec.id(),
        memory.called,
        last,
        0,
        Claim.Basis.LAST_KNOWN,
        "%s; holds the last claim, %d".formatted(why, last));
  }

  /// Adds `wanted` to the window and drops what has left it. The first element is then the largest
  /// claim within the hold.
  private static List<Dated> slide(List<Dated> recent, int wanted, Duration hold, Instant now) {
    var window = new ArrayList<Dated>(recent.size() + 1);
    for (int i = 0; i < recent.size(); i++) {
      // The newest was called for up to this very moment.
      var past = i == recent.size() - 1 ? new Dated(recent.get(i).replicas(), now) : recent.get(i);
      if (past.replicas() > wanted && now.isBefore(past.until().plus(hold))) {
        window.add(past);
      }
    }
    window.add(new Dated(wanted, now));
    return window;
  }

  private static int clamp(ServiceSpec spec, int replicas) {
    return Math.clamp(replicas, spec.min(), spec.max());
  }

  private static String bounded(ServiceSpec spec, int wanted) {
    if (wanted == spec.max()) {
      return ", its max";
    }
    return wanted == spec.min() ? ", its min" : "";
  }

  private static Optional<Instant> earliest(Optional<Instant> a, Optional<Instant> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.isPresent() ? a : b;
    }
    return a.get().isBefore(b.get()) ? a : b;
  }
}
