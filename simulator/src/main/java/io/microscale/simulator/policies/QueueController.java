package io.microscale.simulator.policies;

/// The queue rule of the 2016 engine: a controller with a proportional, an integral and a
/// derivative part that keeps a queue at a length. It remembers, so one object serves one queue.
final class QueueController {
  /// What the controller multiplies the error, its sum and the queue's velocity with.
  record Gains(double proportional, double integral, double derivative) {
    /// What the engine does without being told: made of an ultimate gain of 0.05 and a period of
    /// 10, where the derivative part is not multiplied by the proportional one.
    static final Gains DEFAULT = new Gains(0.04, 0, 1.25);

    /// Those of the engine's demonstration: an ultimate gain of 0.03 and a period of 0.7.
    static final Gains DEMONSTRATION = new Gains(0.024, 0, 0.0875);

    /// What the method of Ziegler and Nichols gives for a controller without an integral part,
    /// which the default means to be: the derivative part multiplied by the proportional one.
    static final Gains CORRECTED = new Gains(0.04, 0, 0.05);
  }

  /// At this part of its length and below, a queue is short enough to take containers away.
  static final double EXCEEDING = 0.7;

  private final double length;
  private final Gains gains;
  private double before;
  private boolean started;
  private double sum;
  private boolean crossed;
  private double firstError;

  /// A controller that has seen no queue yet.
  ///
  /// @param length the queue's length to keep, in messages
  QueueController(double length, Gains gains) {
    this.length = length;
    this.gains = gains;
  }

  /// How many containers more (or fewer) it wants.
  ///
  /// @param queue the queue's length now, in messages
  int delta(double queue) {
    double error = queue - length;
    double velocity = started ? queue - before : 0;
    if (!started) {
      firstError = error;
    }
    // The sum begins once the queue has been at its length: what it took to get there is no error.
    crossed |= error == 0 || error > 0 != firstError > 0;
    if (crossed) {
      sum += error;
    }
    started = true;
    before = queue;
    return (int)
        Math.floor(
            gains.proportional * error + gains.integral * sum + gains.derivative * velocity + 0.5);
  }

  /// The engine's other rule for queues: one container more for a queue that is too long, one fewer
  /// for one that is short enough.
  static int simpleDelta(double queue, double length) {
    if (queue > length) {
      return 1;
    }
    return queue < EXCEEDING * length ? -1 : 0;
  }
}
