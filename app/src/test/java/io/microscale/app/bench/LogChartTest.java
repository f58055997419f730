package io.microscale.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LogChartTest {
  private static final Pattern WIDTH = Pattern.compile("<rect[^>]* width=\"([0-9.]+)\"");

  @Test
  void tenTimesAsLongIsTheSameStepEverywhere() {
    var svg =
        new LogChart("t", List.of(bar("a", 1, 1, 1), bar("b", 10), bar("c", 100), bar("d", 1000)))
            .svg();
    var widths =
        WIDTH.matcher(svg).results().map(match -> Double.parseDouble(match.group(1))).toList();
    assertThat(widths).hasSize(4);
    double step = widths.get(2) - widths.get(1);
    assertThat(step).isPositive();
    assertThat(widths.get(3) - widths.get(2)).isCloseTo(step, within(0.2));
    assertThat(svg).contains(">1 ms<", ">100 ms<", ">1 s<");
  }

  @Test
  void itSaysInWordsWhatItShows() {
    var svg = new LogChart("Times", List.of(bar("fast & small", 2.66, 2.5, 9000))).svg();
    assertThat(svg)
        .contains("role=\"img\"", "<title id=\"chart-title\">Times</title>")
        .contains("fast &amp; small: 2.7 ms, 2.5 ms to 9.0 s.");
  }

  @Test
  void oneBarAndTimesOfNothingAreDrawnToo() {
    for (var samples : List.of(List.of(0.0), List.of(5.0), List.of(1.0))) {
      var svg = new LogChart("t", List.of(new LogChart.Bar("x", new Samples(samples), "vm"))).svg();
      assertThat(svg).doesNotContain("NaN", "Infinity");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new LogChart("t", List.of()));
  }

  private static LogChart.Bar bar(String name, double... millis) {
    return new LogChart.Bar(name, new Samples(Arrays.stream(millis).boxed().toList()), "engine");
  }
}
