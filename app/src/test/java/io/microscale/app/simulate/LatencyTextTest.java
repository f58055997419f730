package io.microscale.app.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.simulator.cluster.Latency;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Latencies that were measured.
class LatencyTextTest {
  @TempDir Path folder;

  private Latency read(String text) throws IOException {
    var file = folder.resolve("reaction.json");
    Files.writeString(file, text);
    return LatencyText.parse("file:" + file);
  }

  @Test
  void theRoundsOfAReactionBenchmark() throws IOException {
    assertThat(
            read(
                """
                {
                  "benchmark" : "reaction",
                  "rounds" : [
                    {"firstMillis" : 45.5, "halfMillis" : 120, "allMillis" : 231.25},
                    {"firstMillis" : 50, "halfMillis" : 130, "allMillis" : 240}
                  ]
                }
                """))
        .isEqualTo(
            new Latency.Recorded(
                List.of(
                    Duration.ofNanos(45_500_000),
                    Duration.ofMillis(120),
                    Duration.ofNanos(231_250_000),
                    Duration.ofMillis(50),
                    Duration.ofMillis(130),
                    Duration.ofMillis(240))));
  }

  @Test
  void somethingElseNamesTheFile() {
    assertThatThrownBy(() -> read("{\"rounds\": "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reaction.json: need what bench reaction --json wrote");
    assertThatThrownBy(() -> read("{}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reaction.json: latency: need at least one measured value");
  }
}
