package io.microscale.app.bench.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EarTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  /// Each stream of the sequence is a read of its own.
  @Test
  void theWordIsHeardInPiecesAndAmongOthers() throws Exception {
    var parts =
        Stream.of("[ 0.1] booting\r\nREA", "DY\r\nand READY", " again REA", "D")
            .map(part -> new ByteArrayInputStream(part.getBytes(StandardCharsets.US_ASCII)))
            .toList();
    long before = System.nanoTime();
    var ear = Ear.at(new SequenceInputStream(Collections.enumeration(parts)));
    long first = ear.ready(LONG);
    long second = ear.ready(LONG);
    assertThat(first - before).isNotNegative();
    assertThat(second - first).isNotNegative();
    assertThatIOException()
        .isThrownBy(() -> ear.ready(LONG))
        .withMessageContaining("ended without READY");
  }

  @Test
  void silenceIsNotWaitedForWithoutEnd() throws Exception {
    try (var mouth = new PipedOutputStream();
        var pipe = new PipedInputStream(mouth)) {
      var ear = Ear.at(pipe);
      assertThatIOException()
          .isThrownBy(() -> ear.ready(Duration.ofMillis(50)))
          .withMessageContaining("did not say READY");
    }
  }

  @Test
  void muchTextIsNotKept() throws Exception {
    var text = "READ".repeat(50_000) + "READY" + "y".repeat(50_000);
    var ear = Ear.at(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)));
    ear.ready(LONG);
    assertThatIOException()
        .isThrownBy(() -> ear.ready(LONG))
        .withMessageContaining("ended without READY: yyy")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
  }

  @Test
  void lastWordsAreTold() {
    var said = "runc: something\n is wrong\n";
    var ear = Ear.at(new ByteArrayInputStream(said.getBytes(StandardCharsets.US_ASCII)));
    assertThatIOException()
        .isThrownBy(() -> ear.ready(LONG))
        .withMessage("it ended without READY: runc: something is wrong");
  }

  @Test
  void whatWasHeardIsForgotten() throws IOException, InterruptedException {
    var ear = Ear.at(new ByteArrayInputStream("READY".getBytes(StandardCharsets.US_ASCII)));
    ear.ready(LONG);
    ear.forget();
    assertThatIOException().isThrownBy(() -> ear.ready(Duration.ofMillis(50)));
  }
}
