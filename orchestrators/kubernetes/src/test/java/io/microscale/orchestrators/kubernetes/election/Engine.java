package io.microscale.orchestrators.kubernetes.election;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One of several engines that stand for election in a test, with all that it was told.
final class Engine implements Candidate, AutoCloseable {
  private final List<String> told = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final Leadership leadership;

  Engine(Account account, ElectionSettings settings) {
    leadership = Leadership.start(account.config(), settings, this, this::notice);
  }

  @Override
  public synchronized void elected(Term term) {
    told.add("elected " + term.number());
  }

  @Override
  public synchronized void deposed(Term term, String reason) {
    told.add("deposed " + term.number() + ": " + reason);
  }

  private void notice(String line) {
    synchronized (notices) {
      notices.add(line);
    }
  }

  synchronized List<String> told() {
    return List.copyOf(told);
  }

  List<String> notices() {
    synchronized (notices) {
      return List.copyOf(notices);
    }
  }

  Leadership leadership() {
    return leadership;
  }

  boolean leads() {
    return leadership.term().isPresent();
  }

  Optional<Term> term() {
    return leadership.term();
  }

  void end() {
    leadership.close();
  }

  @Override
  public void close() {
    end();
  }
}
