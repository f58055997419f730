package io.microscale.simulator.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BacklogTest {
  private static final Path EXAMPLE = Path.of("../examples/traces/azure-vm-batch");

  @TempDir private Path directory;

  @BeforeEach
  void writeFiles() throws IOException {
    write("flav_map.txt", "1,2 a\n4,7 b\n");
    write("v1.interval_map.txt", "0 0\n300 1\n600 2\n900 2\n");
    write("v1.dev.txt", "3000 a,b,|,a,\n3300 |,\n3900 b,\n");
    write("v1.dev.c9000.txt", "3000 U0,U1,|,C2,\n3300 |,\n3900 U2,\n");
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(directory.resolve(file), text);
  }

  @Test
  void jobIsItsVcpuForItsLifetime() throws IOException {
    var backlog = Backlog.read(directory);
    assertThat(backlog.name()).isEqualTo(String.valueOf(directory.getFileName()));
    // Half a bin of one vCPU, a bin of four, and 750 s of one.
    assertThat(backlog.arriving(0)).isEqualTo(150 + 1200 + 750);
    assertThat(backlog.arriving(1)).isZero();
    assertThat(backlog.arriving(300)).isZero();
    assertThat(backlog.arriving(900)).isEqualTo(4 * 750);
    assertThat(backlog.arriving(5000)).isZero();
    assertThat(backlog.total()).isEqualTo(2100 + 3000);
  }

  @Test
  void scaledToTheWorkOfTheFirstSteps() throws IOException {
    var scaled = Backlog.read(directory).scaledTo(900, 420);
    assertThat(scaled.arriving(0)).isCloseTo(420, within(1e-9));
    assertThat(scaled.arriving(900)).isCloseTo(600, within(1e-9));
    assertThat(Backlog.of("none", 0, 0).scaledTo(2, 9).total()).isZero();
    assertThatThrownBy(() -> Backlog.endless().scaledTo(1, 9))
        .hasMessage("endless: need a finite backlog to scale, got Infinity");
  }

  @Test
  void mistakesNameFileLineAndValue() throws IOException {
    write("v1.dev.txt", "3000 a,z,|,a,\n");
    assertThatThrownBy(() -> Backlog.read(directory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            directory.resolve("v1.dev.txt") + ": line 1: need a letter of flav_map.txt, got 'z'");
    write("v1.dev.txt", "3000 a,b,|,\n");
    assertThatThrownBy(() -> Backlog.read(directory))
        .hasMessage(
            directory.resolve("v1.dev.c9000.txt")
                + ": line 1: need as many jobs as in v1.dev.txt, that is 4, got '5'");
    write("v1.dev.txt", "3000 a,b,|,a,\n3100 a,\n");
    assertThatThrownBy(() -> Backlog.read(directory))
        .hasMessage(
            directory.resolve("v1.dev.txt")
                + ": line 2: time: need a later multiple of 300 s, got '3100'");
    write("v1.dev.txt", "3000 a,b,|,a,\n3600 a,\n");
    assertThatThrownBy(() -> Backlog.read(directory))
        .hasMessage(
            directory.resolve("v1.dev.c9000.txt") + ": line 2: need the time 3600, got '3300'");
    write("v1.dev.c9000.txt", "3000 U0,U7,|,C2,\n");
    assertThatThrownBy(() -> Backlog.read(directory))
        .hasMessageEndingWith("line 1: need a letter and a class of v1.interval_map.txt, got 'U7'");
    write("flav_map.txt", "x,2 a\n");
    assertThatThrownBy(() -> Backlog.read(directory))
        .hasMessageEndingWith(
            "flav_map.txt: line 1: vCPU: need a number from 1.0 to 1048576.0, got 'x'");
    write("flav_map.txt", "1,2 a b\n");
    assertThatThrownBy(() -> Backlog.read(directory))
        .hasMessageEndingWith("flav_map.txt: line 1: need two fields, got '3'");
  }

  @Test
  void oneFileOfLifetimes() throws IOException {
    Files.copy(directory.resolve("v1.dev.c9000.txt"), directory.resolve("v1.dev.c1.txt"));
    assertThatThrownBy(() -> Backlog.read(directory))
        .hasMessage(directory + ": need one file v1.dev.c*.txt, got several");
    Files.delete(directory.resolve("v1.dev.c1.txt"));
    Files.delete(directory.resolve("v1.dev.c9000.txt"));
    assertThatThrownBy(() -> Backlog.read(directory))
        .hasMessage(directory + ": need one file v1.dev.c*.txt, got none");
  }

  @Test
  void onlyFiniteWorkArrives() {
    assertThatThrownBy(() -> Backlog.of("x", 1, -1))
        .hasMessage("x: step 1: need a finite number >= 0, got -1.0");
    assertThat(Backlog.of("x").total()).isZero();
    assertThat(Backlog.endless().total()).isInfinite();
  }

  @Test
  void exampleIsADayOfJobs() throws IOException {
    var backlog = Backlog.read(EXAMPLE);
    assertThat(backlog.arriving(0)).isGreaterThan(0);
    assertThat(backlog.arriving(287 * 300)).isGreaterThan(0);
    assertThat(backlog.arriving(288 * 300)).isZero();
    var demand = Demand.read(EXAMPLE.resolveSibling("azure-llm-conv.csv"));
    var terms = Terms.stopping(1);
    double endless = Clairvoyant.batch(demand, terms);
    var half = backlog.scaledTo(demand.length(), endless / 2);
    var score = StandardRun.run(new Clairvoyant(), demand, terms, half, step -> {});
    assertThat(score.clairvoyantBatch()).isCloseTo(endless / 2, within(1e-3));
    assertThat(score.batchOfClairvoyantPercent()).isBetween(80.0, 100.0);
  }
}
