package io.microscale.orchestrators.kubernetes.election;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The rules of the election: who may take the Lease, and until when a leader leads.
///
/// Two times decide, and both are measured here, as time that has passed: a leader leads for the
/// renew deadline after the *start* of its last successful renewal, so that an answer that was long
/// on its way gives no time away; another takes over when the Lease has not changed for its
/// duration since it was *seen* to change, whatever times it bears. The times in the Lease come
/// from the clocks of other hosts, are written for people, and decide nothing.
///
/// [#attempt] and [#release] are for one thread; everything else may be called from any.
final class Election {
  private record Held(Term term, Lease lease, long until) {}

  private final ElectionSettings settings;
  private final LeaseStore store;
  private final LongSupplier ticks;
  private final InstantSource clock;
  private @Nullable Held held;
  private String why = "the Lease has not been read yet";

  /// What an attempt saw last, and when it saw that first.
  private @Nullable LeaseSpec seen;

  private long seenAt;

  /// An election in which this engine does not stand yet.
  ///
  /// @param ticks time that has passed, in nanoseconds, as [System#nanoTime]
  /// @param clock for what people read in the Lease
  Election(ElectionSettings settings, LeaseStore store, LongSupplier ticks, InstantSource clock) {
    this.settings = settings;
    this.store = store;
    this.ticks = ticks;
    this.clock = clock;
  }

  /// The term in which this engine leads now; empty if it does not.
  synchronized Optional<Term> term() {
    return held == null || lapsed(held) ? Optional.empty() : Optional.of(held.term());
  }

  /// Why it does not lead.
  synchronized String why() {
    return held != null && lapsed(held) ? lapse() : why;
  }

  /// Nanoseconds for which it leads if nothing more is heard; empty if it does not lead.
  synchronized Optional<Long> left() {
    return held == null || lapsed(held)
        ? Optional.empty()
        : Optional.of(held.until() - ticks.getAsLong());
  }

  /// Ends the term, if there is one; the Lease stays as it is.
  synchronized void giveUp(String reason) {
    held = null;
    why = reason;
  }

  /// Renews the Lease, or takes it if it may. An attempt that ends a term begins none.
  ///
  /// @return nanoseconds after which the Lease may be taken by this engine if it does not change;
  ///   empty if that is not to be waited for
  /// @throws RuntimeException as [LeaseStore]
  Optional<Long> attempt() {
    var before = held();
    if (before == null) {
      return compete();
    }
    if (lapsed(before)) {
      giveUp(lapse());
    } else {
      renew(before);
    }
    return Optional.empty();
  }

  private synchronized @Nullable Held held() {
    return held;
  }

  private void renew(Held before) {
    var from = before.lease();
    // Twice, as somebody may have touched the Lease without taking it, a label for instance.
    for (int tries = 0; tries < 2; tries++) {
      long asked = ticks.getAsLong();
      var renewed = store.replace(renewal(from));
      if (renewed.isPresent()) {
        keep(before, renewed.get(), asked);
        return;
      }
      var found = store.read();
      if (found.isEmpty()) {
        giveUp("the Lease was deleted");
        return;
      }
      if (!isTerm(found.get(), before.term())) {
        observe(found.get());
        giveUp(leads(found.get().getSpec()));
        return;
      }
      from = found.get();
    }
  }

  private synchronized void keep(Held before, Lease renewed, long asked) {
    // It may have been given up while the answer was on its way; then it stays so.
    if (!before.equals(held)) {
      return;
    }
    if (lapsed(before)) {
      giveUp(lapse());
      return;
    }
    held = new Held(before.term(), renewed, asked + settings.renewDeadline().toNanos());
  }

  private Optional<Long> compete() {
    var found = store.read();
    found.ifPresent(this::observe);
    var last = seen;
    if (last != null && heldByAnother(last)) {
      // Also a Lease that somebody deleted: its leader may not have noticed.
      long left = seenAt + duration(last).toNanos() - ticks.getAsLong();
      if (left > 0) {
        lose(leads(last));
        return Optional.of(left);
      }
    }
    long asked = ticks.getAsLong();
    var taken = found.isPresent() ? store.replace(taking(found.get())) : store.create(first());
    taken.ifPresentOrElse(lease -> win(lease, asked), () -> lose("another engine was faster"));
    return Optional.empty();
  }

  private synchronized void lose(String reason) {
    why = reason;
  }

  private synchronized void win(Lease lease, long asked) {
    observe(lease);
    held =
        new Held(
            new Term(transitions(lease.getSpec()), settings.identity()),
            lease,
            asked + settings.renewDeadline().toNanos());
  }

  /// Notes when the Lease's own fields change; what else changes of it is no sign of life.
  private void observe(Lease lease) {
    var spec = lease.getSpec();
    if (spec == null || !spec.equals(seen)) {
      seen = spec;
      seenAt = ticks.getAsLong();
    }
  }

  /// Lets others lead at once, if the Lease is this engine's.
  ///
  /// @throws RuntimeException as [LeaseStore]
  void release() {
    store
        .read()
        .filter(lease -> lease.getSpec() != null && isMine(lease.getSpec()))
        .ifPresent(
            lease ->
                store.replace(
                    new LeaseBuilder(lease)
                        .editSpec()
                        .withHolderIdentity("")
                        .withLeaseDurationSeconds(1)
                        .withAcquireTime(now())
                        .withRenewTime(now())
                        .endSpec()
                        .build()));
  }

  private Lease first() {
    return new LeaseBuilder()
        .withNewMetadata()
        .withNamespace(settings.namespace())
        .withName(settings.lease())
        .endMetadata()
        .withSpec(mine(0))
        .build();
  }

  private Lease taking(Lease from) {
    int transitions = from.getSpec() == null ? 0 : transitions(from.getSpec()) + 1;
    return new LeaseBuilder(from).withSpec(mine(transitions)).build();
  }

  private LeaseSpec mine(int transitions) {
    var spec = new LeaseSpec();
    spec.setHolderIdentity(settings.identity());
    spec.setLeaseDurationSeconds(Math.toIntExact(settings.leaseDuration().toSeconds()));
    spec.setLeaseTransitions(transitions);
    spec.setAcquireTime(now());
    spec.setRenewTime(now());
    return spec;
  }

  private Lease renewal(Lease from) {
    // Also where the clock stands still: a Lease that is as before is no sign of life.
    var now = now();
    var time = now.equals(from.getSpec().getRenewTime()) ? now.plus(1, ChronoUnit.MICROS) : now;
    return new LeaseBuilder(from).editSpec().withRenewTime(time).endSpec().build();
  }

  private ZonedDateTime now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
  }

  private boolean lapsed(Held which) {
    return which.until() - ticks.getAsLong() <= 0;
  }

  private String lapse() {
    return "the Lease could not be renewed for " + seconds(settings.renewDeadline());
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  private boolean isTerm(Lease lease, Term term) {
    return lease.getSpec() != null
        && isMine(lease.getSpec())
        && transitions(lease.getSpec()) == term.number();
  }

  private boolean isMine(LeaseSpec spec) {
    return settings.identity().equals(spec.getHolderIdentity());
  }

  private boolean heldByAnother(LeaseSpec spec) {
    var holder = spec.getHolderIdentity();
    return holder != null && !holder.isEmpty() && !isMine(spec);
  }

  private String leads(@Nullable LeaseSpec spec) {
    return spec != null && heldByAnother(spec)
        ? spec.getHolderIdentity() + " leads"
        : "nobody leads";
  }

  private Duration duration(LeaseSpec spec) {
    var seconds = spec.getLeaseDurationSeconds();
    return seconds == null ? settings.leaseDuration() : Duration.ofSeconds(seconds);
  }

  private static int transitions(LeaseSpec spec) {
    var transitions = spec.getLeaseTransitions();
    return transitions == null ? 0 : transitions;
  }
}
