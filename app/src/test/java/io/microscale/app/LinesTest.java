package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LinesTest {
  @Test
  void whatComesTooFastIsCountedAndNobodyWaits() {
    var printed = new CopyOnWriteArrayList<String>();
    var readerIsBack = new CountDownLatch(1);
    try (var lines =
        new Lines(
            line -> {
              awaitUninterruptibly(readerIsBack);
              printed.add(line);
            })) {
      for (int i = 0; i < 1000; i++) {
        lines.accept("line " + i);
      }
      readerIsBack.countDown();
    }
    var told = List.copyOf(printed);
    int leftOut = 0;
    for (var line : told) {
      if (!line.startsWith("line ")) {
        assertThat(line).matches("… and \\d+ more lines that came too fast");
        leftOut += Integer.parseInt(line.replaceAll("\\D", ""));
      }
    }
    assertThat(leftOut).isPositive();
    assertThat(told.stream().filter(line -> line.startsWith("line ")).count() + leftOut)
        .isEqualTo(1000);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
