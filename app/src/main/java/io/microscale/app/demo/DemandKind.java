package io.microscale.app.demo;

import io.microscale.core.demand.Burst;
import io.microscale.core.demand.Generator;
import io.microscale.core.demand.RandomWalk;
import io.microscale.core.demand.Steps;
import io.microscale.core.demand.Trace;
import io.microscale.core.demand.TraceCsv;
import io.microscale.core.demand.Wave;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The kinds of demand that the demo can simulate, in replicas, with peaks at nine tenths of the
/// pool.
final class DemandKind {
  private static final String TRACE = "trace:";
  private static final double PEAK = 0.9;
  private static final double POINT_SECONDS = 0.5;

  private DemandKind() {}

  /// The demand that `text` names: `random`, `wave`, `step`, `burst` or `trace:FILE`. A trace is
  /// scaled to the pool, played so fast that its points follow each other twice a second, and
  /// begins anew at its end.
  ///
  /// @throws IllegalArgumentException naming the rule and the value that breaks it
  static Generator of(String text, int slots, long seed) {
    double peak = PEAK * slots;
    return switch (text) {
      case "random" -> RandomWalk.upTo(peak, seed);
      case "wave" -> new Wave(Duration.ofSeconds(20), peak / 10, peak, Duration.ofMillis(100));
      case "step" ->
          new Steps(List.of(level(peak * 0.3), level(peak), level(peak * 0.1), level(peak * 0.7)));
      case "burst" ->
          new Burst(seed, peak * 0.2, peak * 0.8, Duration.ofSeconds(3), Duration.ofSeconds(8));
      default -> {
        if (!text.startsWith(TRACE)) {
          throw new IllegalArgumentException(
              "need random, wave, step, burst or trace:FILE, got '" + text + "'");
        }
        yield trace(Path.of(text.substring(TRACE.length())), peak);
      }
    };
  }

  private static Steps.Level level(double demand) {
    return new Steps.Level(demand, Duration.ofSeconds(5));
  }

  private static Generator trace(Path file, double peak) {
    try (var text = Files.newBufferedReader(file)) {
      var recorded = new Trace(TraceCsv.parse(text), 1, true);
      if (recorded.peak() == 0) {
        throw new IllegalArgumentException("need some demand above 0, got a peak of 0");
      }
      double seconds = recorded.length().toNanos() / 1e9 / recorded.points().size();
      return new Trace(recorded.points(), seconds / POINT_SECONDS, true)
          .times(peak / recorded.peak());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": no such file", e);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + ": need text in UTF-8", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
