package io.microscale.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// Waits until the machine has little else to do, for a bounded time, and says how quiet it was: a
/// time that was measured on a busy machine is worth little (ten times too long is easily reached).
///
/// Where the processors' times cannot be read it only waits, and says that it does not know.
public final class Quiet {
  private static final Path STAT = Path.of("/proc/stat");
  private static final Duration WINDOW = Duration.ofSeconds(1);
  private static final Duration GAP = Duration.ofMillis(200);
  private static final int SHARE_OF_A_GAP = 20;

  private final double limitPercent;
  private final Duration patience;
  private final Stat stat;
  private final Sleeper sleeper;

  /// Where the text of `/proc/stat` comes from.
  @FunctionalInterface
  public interface Stat {
    String read() throws IOException;
  }

  /// What waits.
  @FunctionalInterface
  public interface Sleeper {
    void sleep(Duration time) throws InterruptedException;
  }

  /// Waits for that much quiet.
  ///
  /// @param limitPercent quiet is an idle share of all processors of at least so much, 0 to 100
  /// @param patience how long to wait for it, a second or more
  public Quiet(double limitPercent, Duration patience, Stat stat, Sleeper sleeper) {
    if (!(limitPercent >= 0 && limitPercent <= 100)) {
      throw new IllegalArgumentException("need a percentage from 0 to 100, got " + limitPercent);
    }
    if (patience.compareTo(WINDOW) < 0) {
      throw new IllegalArgumentException("patience: need 1s or more, got " + patience);
    }
    this.limitPercent = limitPercent;
    this.patience = patience;
    this.stat = stat;
    this.sleeper = sleeper;
  }

  /// Of this machine, with a minute's patience.
  public static Quiet here(double limitPercent) {
    return here(limitPercent, Duration.ofMinutes(1));
  }

  /// Of this machine.
  public static Quiet here(double limitPercent, Duration patience) {
    return new Quiet(limitPercent, patience, () -> Files.readString(STAT), Thread::sleep);
  }

  public double limitPercent() {
    return limitPercent;
  }

  /// Waits for one quiet second, as long as its patience lasts.
  ///
  /// @return how much of the last second was idle, in percent; empty if that is unknown
  public OptionalDouble await() throws InterruptedException {
    return await(WINDOW, patience);
  }

  /// Waits for a fifth of a second that is quiet, for a twentieth of its patience: before each
  /// sample, so that what the last one left to do is done.
  ///
  /// @return as [#await()]
  public OptionalDouble gap() throws InterruptedException {
    return await(GAP, patience.dividedBy(SHARE_OF_A_GAP));
  }

  public boolean isQuiet(double idlePercent) {
    return idlePercent >= limitPercent;
  }

  private OptionalDouble await(Duration window, Duration longest) throws InterruptedException {
    var idle = OptionalDouble.empty();
    long most = Math.max(1, longest.dividedBy(window));
    for (long i = 0; i < most; i++) {
      idle = idleDuring(window);
      if (idle.isEmpty() || isQuiet(idle.getAsDouble())) {
        break;
      }
    }
    return idle;
  }

  private OptionalDouble idleDuring(Duration window) throws InterruptedException {
    var before = times();
    sleeper.sleep(window);
    var after = times();
    return before == null || after == null
        ? OptionalDouble.empty()
        : after.idlePercentSince(before);
  }

  private @Nullable CpuTimes times() {
    try {
      return CpuTimes.parse(stat.read());
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }
}
