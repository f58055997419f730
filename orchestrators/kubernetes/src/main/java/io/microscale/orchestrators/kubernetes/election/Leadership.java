package io.microscale.orchestrators.kubernetes.election;

import io.fabric8.kubernetes.client.Config;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.kubernetes.Fence;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Which of several engines acts, decided by a Lease in the Kubernetes API: the one that holds it.
/// Others wait, and one of them takes over when the leader ends, at once if it was closed, or when
/// it has not renewed the Lease for its duration.
///
/// As a [Fence] it lets writes pass for as long as this engine leads *and* the term is the one that
/// the [Candidate] was told of. It goes by time that has passed in this process, so neither a step
/// of the clock nor a pause of the process makes a former leader believe. What happens between a
/// check and the arrival of its write is not in its hands: see [Fence]. Nor is a machine whose
/// whole time stands still, such as a suspended virtual one: there only the API server can refuse,
/// by `resourceVersion` or by the admission policy.
public final class Leadership implements Fence, AutoCloseable {
  private final ElectionSettings settings;
  private final LeaseApi api;
  private final Election election;
  private final Candidate candidate;
  private final Consumer<String> notices;
  private final ReentrantLock lock = new ReentrantLock();

  /// The election's outcome may have changed.
  private final Condition decided = lock.newCondition();

  /// The next attempt is not to be waited for.
  private final Condition hurried = lock.newCondition();

  // Platform threads: virtual ones wait for a carrier, which a busy engine may hold.
  private final Thread elector;
  private final Thread actor;

  /// The term that the candidate was told of, until it has ended all that it began in it.
  private volatile @Nullable Term acting;

  private volatile boolean closing;
  private @Nullable String resignation;
  private final AtomicReference<String> lastNotice = new AtomicReference<>("");

  private Leadership(
      Config config, ElectionSettings settings, Candidate candidate, Consumer<String> notices) {
    this.settings = settings;
    this.candidate = candidate;
    this.notices = notices;
    this.api = new LeaseApi(config, settings);
    this.election = new Election(settings, api, System::nanoTime, InstantSource.system());
    this.elector = Thread.ofPlatform().daemon().name("leader election").unstarted(this::stand);
    this.actor = Thread.ofPlatform().daemon().name("leadership").unstarted(this::act);
  }

  /// Stands for election and returns at once.
  ///
  /// @param config how the API server is reached; the account needs `get`, `create` and `update` on
  ///   the Lease
  /// @param notices takes a line for people when it is decided who leads, and when the Lease can be
  ///   neither read nor written; from several threads. Must not block
  public static Leadership start(
      Config config, ElectionSettings settings, Candidate candidate, Consumer<String> notices) {
    var leadership = new Leadership(config, settings, candidate, notices);
    leadership.elector.start();
    leadership.actor.start();
    return leadership;
  }

  /// The term in which this engine leads and the candidate knows it; empty if it does not.
  public Optional<Term> term() {
    var known = acting;
    return known == null ? Optional.empty() : election.term().filter(known::equals);
  }

  /// Who leads, or why it is not known.
  public String explanation() {
    return term().map(term -> settings.identity() + " leads, this engine").orElseGet(election::why);
  }

  @Override
  public void check() {
    if (term().isEmpty()) {
      var reason = election.term().isPresent() ? "its term has not begun" : election.why();
      throw new OrchestratorException(Kind.UNAVAILABLE, "not the leader: " + reason);
    }
  }

  @Override
  public String fieldManager() {
    return settings.fieldManager();
  }

  @Override
  public Optional<String> stamp() {
    return term().map(Term::toString);
  }

  /// Renews the Lease, or tries to take it, until it is closed.
  private void stand() {
    while (!closing) {
      pause(step());
    }
  }

  /// One attempt, unless the candidate has still to end what it began: it would lead without
  /// acting, and another could.
  ///
  /// @return nanoseconds to the next
  private long step() {
    long retry = settings.retryPeriod().toNanos();
    try {
      var reason = takeResignation();
      if (reason.isPresent()) {
        election.giveUp(reason.get());
        release();
        return settings.leaseDuration().toNanos();
      }
      if (acting != null && election.term().isEmpty()) {
        return retry;
      }
      var free = election.attempt();
      tellWhoLeads();
      long later = (long) (retry * (1 + ElectionSettings.JITTER * random()));
      return election.term().isPresent() ? retry : Math.min(later, free.orElse(later));
    } catch (RuntimeException e) {
      notice("Lease " + settings.namespace() + "/" + settings.lease() + ": " + e.getMessage());
      return retry;
    } finally {
      signal(decided);
    }
  }

  private static double random() {
    return ThreadLocalRandom.current().nextDouble();
  }

  private void tellWhoLeads() {
    if (election.term().isEmpty()) {
      notice(election.why());
    }
  }

  private void pause(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !closing && resignation == null) {
        left = hurried.awaitNanos(left);
      }
    } catch (InterruptedException _) {
      // Closed.
    } finally {
      lock.unlock();
    }
  }

  /// Has the candidate follow what the election decided, until it is closed.
  private void act() {
    while (true) {
      var known = acting;
      var term = closing ? Optional.<Term>empty() : election.term();
      if (known != null && !term.equals(Optional.of(known))) {
        depose(known);
      } else if (known == null && term.isPresent()) {
        elect(term.get());
      } else if (closing) {
        return;
      } else {
        awaitDecision(known);
      }
    }
  }

  private void elect(Term term) {
    acting = term;
    notice("leads, term " + term.number());
    try {
      candidate.elected(term);
    } catch (RuntimeException e) {
      resign("it could not begin: " + e.getMessage());
    }
  }

  private void depose(Term term) {
    var reason = closing ? "closed" : election.why();
    notice("no longer leads: " + reason);
    try {
      candidate.deposed(term, reason);
    } catch (RuntimeException e) {
      notice("did not end well: " + e.getMessage());
    } finally {
      acting = null;
    }
  }

  /// Waits until the decision may differ from what the candidate knows, or the term lapses.
  private void awaitDecision(@Nullable Term known) {
    lock.lock();
    try {
      while (!closing && election.term().equals(Optional.ofNullable(known))) {
        var left = election.left();
        if (left.isPresent()) {
          decided.awaitNanos(left.get());
        } else {
          decided.await();
        }
      }
    } catch (InterruptedException _) {
      // Closed.
    } finally {
      lock.unlock();
    }
  }

  /// Has the elector give up, which is the only one to change the Lease.
  private void resign(String reason) {
    lock.lock();
    try {
      resignation = reason;
      hurried.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Optional<String> takeResignation() {
    lock.lock();
    try {
      var taken = Optional.ofNullable(resignation);
      resignation = null;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void signal(Condition condition) {
    lock.lock();
    try {
      condition.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Once for each change.
  private void notice(String line) {
    if (!line.equals(lastNotice.getAndSet(line))) {
      notices.accept(line);
    }
  }

  /// Ends the term: writes are refused at once, the candidate is deposed, then the Lease is
  /// released, so that another engine takes over. If the candidate does not end within the lease
  /// duration, the Lease is left to run out. Not to be called by the candidate.
  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    election.giveUp("closed");
    signal(decided);
    signal(hurried);
    boolean stands = !ended(elector, settings.renewDeadline());
    boolean acts = !ended(actor, settings.leaseDuration());
    if (!stands && !acts) {
      release();
    }
    api.close();
  }

  private void release() {
    try {
      election.release();
    } catch (RuntimeException e) {
      notice("the Lease was not released and has to run out: " + e.getMessage());
    }
  }

  /// Waits for a thread, and interrupts it if it takes too long.
  private static boolean ended(Thread thread, Duration patience) {
    try {
      if (thread.join(patience)) {
        return true;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    thread.interrupt();
    return false;
  }
}
