package io.microscale.app.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.app.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunProgressTest {
  private final StringWriter err = new StringWriter();

  @Test
  void withoutATerminalEveryTenthOfTheWayIsALine() {
    all(Optional.empty());
    assertThat(err.toString().lines()).hasSize(11).startsWith("microscale: 0 % of 1000 runs");
    assertThat(err.toString()).endsWith("microscale: 100 % of 1000 runs\n");
  }

  @Test
  void aTerminalHasABarThatIsTakenAway() {
    all(Optional.of(new Terminal(100, 30)));
    assertThat(err.toString())
        .doesNotContain("\n")
        .contains("[####################                    ]  50 % of 1000 runs")
        .endsWith("\r\u001b[2K");
  }

  @Test
  void aNarrowTerminalHasLines() {
    all(Optional.of(new Terminal(60, 30)));
    assertThat(err.toString().lines()).hasSize(11);
  }

  @Test
  void ofNothingNothingIsTakenAway() {
    new RunProgress(new PrintWriter(err), Optional.of(new Terminal(100, 30)), "runs").close();
    assertThat(err.toString()).isEmpty();
  }

  private void all(Optional<Terminal> terminal) {
    try (var progress = new RunProgress(new PrintWriter(err), terminal, "runs")) {
      for (int i = 1; i <= 1000; i++) {
        progress.made(i, 1000);
      }
    }
  }
}
