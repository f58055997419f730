package io.microscale.simulator.standard;

/// The batch side of a run: how much waits, how many replicas work on it, and what switching costs.
final class BatchWork {
  private final Backlog backlog;
  private final Terms terms;
  private double pending;
  private int running;
  private double done;
  private double lost;
  private int started;

  BatchWork(Backlog backlog, Terms terms) {
    this.backlog = backlog;
    this.terms = terms;
  }

  /// Works one second in the slots that are free.
  void step(int step, int room) {
    pending += backlog.arriving(step);
    int stopped = Math.max(0, running - room);
    int kept = running - stopped;
    running = (int) Math.min(room, Math.ceil(pending));
    // What runs when the run begins was started before it.
    started = step == 0 ? 0 : Math.max(0, running - kept);
    lost = stopped * terms.stopLoses();
    double worked = Math.min(running - started * terms.batchStartCosts(), pending);
    done = worked - lost;
    pending -= done;
  }

  /// Ends the second: replicas that find nothing more to do end, which is not a stop.
  void finish() {
    running = (int) Math.min(running, Math.ceil(pending));
  }

  int running() {
    return running;
  }

  int started() {
    return started;
  }

  /// The slot-seconds done in the last second, less those lost.
  double done() {
    return done;
  }

  double lost() {
    return lost;
  }
}
