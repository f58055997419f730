package io.microscale.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.microscale.core.demand.DemandSource;
import io.microscale.core.demand.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What every [DemandSource] that asks somebody must do. Each adapter has one subclass, named
/// `XxxDemandSourceTest`; a test whose hook is not overridden is skipped and says so.
public abstract class DemandSourceContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DEADLINE = Duration.ofMillis(300);
  private static final Duration LONG_DEADLINE = Duration.ofSeconds(60);

  /// How much later than its deadline an answer may come on a busy machine.
  private static final Duration SLACK = Duration.ofSeconds(2);

  /// Opens a source on the backend of the running test. The test closes it.
  ///
  /// @param deadline how long one reading may take
  protected abstract DemandSource open(Duration deadline);

  /// Makes the backend work and say this value.
  protected abstract void say(double value);

  /// Makes the backend unreachable, until it is made to say something.
  protected void lose() {
    abort("lose() is not overridden: this backend cannot be lost");
  }

  /// Makes the backend take questions and not answer, until it is made to say something.
  protected void hang() {
    abort("hang() is not overridden: this backend cannot hang");
  }

  /// Makes the backend answer with nonsense, until it is made to say something.
  protected void sayGarbage() {
    abort("sayGarbage() is not overridden");
  }

  /// Takes the backend down after a test.
  protected void cleanUp() {}

  @AfterEach
  final void takeDown() {
    cleanUp();
  }

  @Test
  final void valueIsRead() {
    say(42.5);
    try (var source = open(LONG_DEADLINE)) {
      for (int i = 0; i < 3; i++) {
        assertValue(source.read(NOW), 42.5);
      }
    }
  }

  @Test
  final void valueIsReadAnew() {
    say(1);
    try (var source = open(LONG_DEADLINE)) {
      assertValue(source.read(NOW), 1);
      say(2);
      assertValue(source.read(NOW), 2);
    }
  }

  @Test
  final void zeroIsAValue() {
    say(0);
    try (var source = open(LONG_DEADLINE)) {
      assertValue(source.read(NOW), 0);
    }
  }

  @Test
  final void readingIsNotOfTheFuture() {
    say(3);
    try (var source = open(LONG_DEADLINE)) {
      assertThat(source.read(NOW).at()).isBeforeOrEqualTo(NOW);
    }
  }

  @Test
  final void lostBackendIsMissingNotZero() {
    try (var source = open(DEADLINE)) {
      lose();
      assertMissing(source.read(NOW));
      assertMissing(source.read(NOW));
    }
  }

  @Test
  final void hangingBackendIsMissingByTheDeadline() {
    try (var source = open(DEADLINE)) {
      hang();
      long begun = System.nanoTime();
      assertMissing(source.read(NOW));
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(DEADLINE.plus(SLACK));
    }
  }

  @Test
  final void nonsenseIsMissing() {
    try (var source = open(LONG_DEADLINE)) {
      sayGarbage();
      assertMissing(source.read(NOW));
    }
  }

  @Test
  final void backendThatComesBackIsReadAgain() {
    try (var source = open(DEADLINE)) {
      lose();
      assertMissing(source.read(NOW));
      assertComesBack(source);
    }
  }

  @Test
  final void backendThatHangsNoLongerIsReadAgain() {
    try (var source = open(DEADLINE)) {
      hang();
      assertMissing(source.read(NOW));
      assertComesBack(source);
    }
  }

  @Test
  final void backendThatTalksSenseAgainIsReadAgain() {
    try (var source = open(DEADLINE)) {
      sayGarbage();
      assertMissing(source.read(NOW));
      assertComesBack(source);
    }
  }

  /// A few readings may be lost to connections that the failure broke, and on a slow machine.
  private void assertComesBack(DemandSource source) {
    say(7);
    long begun = System.nanoTime();
    var reading = source.read(NOW);
    while (reading instanceof Reading.Missing
        && System.nanoTime() - begun < Duration.ofSeconds(20).toNanos()) {
      reading = source.read(NOW);
    }
    assertValue(reading, 7);
  }

  @Test
  final void nextReadingIsLater() {
    say(1);
    try (var source = open(LONG_DEADLINE)) {
      source.read(NOW);
      var next = source.next(NOW);
      assertThat(next).hasValueSatisfying(at -> assertThat(at).isAfter(NOW));
    }
  }

  @Test
  final void failureDoesNotBringTheNextReadingForward() {
    try (var source = open(DEADLINE)) {
      say(1);
      source.read(NOW);
      var next = source.next(NOW);
      lose();
      source.read(NOW);
      assertThat(source.next(NOW).orElseThrow()).isAfterOrEqualTo(next.orElseThrow());
    }
  }

  @Test
  @SuppressWarnings("try") // closed early, and twice, on purpose
  final void closeEndsAReading() throws Exception {
    hang();
    try (var source = open(LONG_DEADLINE)) {
      var reading = new FutureTask<>(() -> source.read(NOW));
      awaitWaiting(Thread.ofVirtual().start(reading));
      source.close();
      assertMissing(reading.get(SLACK.toMillis(), TimeUnit.MILLISECONDS));
      assertMissing(source.read(NOW));
      source.close();
    }
  }

  @Test
  final void interruptEndsAReading() throws Exception {
    hang();
    try (var source = open(LONG_DEADLINE)) {
      var reading = new FutureTask<>(() -> source.read(NOW));
      var thread = Thread.ofVirtual().start(reading);
      awaitWaiting(thread);
      thread.interrupt();
      assertMissing(reading.get(SLACK.toMillis(), TimeUnit.MILLISECONDS));
    }
  }

  private static void awaitWaiting(Thread thread) {
    long begun = System.nanoTime();
    while (thread.getState() != Thread.State.WAITING
        && thread.getState() != Thread.State.TIMED_WAITING) {
      assertThat(System.nanoTime() - begun).as("waits").isLessThan(20_000_000_000L);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void assertValue(Reading reading, double value) {
    assertThat(reading)
        .isInstanceOfSatisfying(Reading.Value.class, v -> assertThat(v.value()).isEqualTo(value));
  }

  private static void assertMissing(Reading reading) {
    assertThat(reading)
        .isInstanceOfSatisfying(
            Reading.Missing.class,
            m ->
                assertThat(m.why())
                    .as("the reason")
                    .isNotBlank()
                    .hasSizeLessThan(300)
                    .doesNotContain("\n", "null"));
  }
}
