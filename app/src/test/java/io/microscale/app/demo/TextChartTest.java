package io.microscale.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextChartTest {
  private static final TextChart.Style ASCII = new TextChart.Style(false, false);

  private static TextChart chart(int capacity, TextChart.Moment... moments) {
    var chart = new TextChart(capacity);
    for (var moment : moments) {
      chart.add(moment);
    }
    return chart;
  }

  @Test
  void webIsBelowBatchAndTheMarkIsAtTheDemand() {
    var chart =
        chart(
            4,
            new TextChart.Moment(0.5, 1, 3),
            new TextChart.Moment(2.5, 3, 1),
            new TextChart.Moment(3.5, 2, 0));
    assertThat(chart.draw(9, 4, ASCII))
        .containsExactly(
            "  4 | ..=", //
            "    | .= ",
            "  2 | .##",
            "    | =##",
            "    +----");
  }

  @Test
  void theNewestAreAtTheRightAndAllThatFit() {
    var chart = chart(2);
    for (int i = 0; i < 1000; i++) {
      chart.add(new TextChart.Moment(1, i % 2 == 0 ? 2 : 0, 0));
    }
    assertThat(chart.draw(8, 2, ASCII)).containsExactly("  2 |===", "  1 | # ", "    +---");
  }

  @Test
  void demandBeyondTheCapacityIsAtTheTop() {
    assertThat(chart(2, new TextChart.Moment(99, 0, 0)).draw(6, 2, ASCII))
        .containsExactly("  2 |=", "  1 | ", "    +-");
  }

  @Test
  void manySlotsShareARow() {
    assertThat(chart(100, new TextChart.Moment(10, 50, 25)).draw(6, 4, ASCII))
        .containsExactly("100 | ", "    |.", " 50 |#", "    |=", "    +-");
  }

  @Test
  void coloursAreSetOnlyWhereTheyChangeAndAreReset() {
    var chart = chart(1, new TextChart.Moment(0, 1, 0), new TextChart.Moment(0, 1, 0));
    assertThat(chart.draw(7, 1, new TextChart.Style(true, true)).getFirst())
        .isEqualTo("  1 ┤\u001b[0;48;5;33;38;5;196m━━\u001b[0m");
    assertThat(chart(1).draw(8, 1, new TextChart.Style(true, true)).getFirst())
        .isEqualTo("  1 ┤   ");
  }

  @Test
  void aTerminalThatIsTooNarrowGetsOneColumn() {
    assertThat(chart(1, new TextChart.Moment(0, 0, 1)).draw(1, 1, ASCII))
        .containsExactly("  1 |=", "    +-");
  }

  @Test
  void theLegendShowsWhatIsDrawn() {
    assertThat(TextChart.legend("█ web ░ batch ━ demand", ASCII))
        .isEqualTo("# web . batch = demand");
    assertThat(TextChart.legend("█ web", new TextChart.Style(true, true)))
        .isEqualTo("\u001b[0;48;5;33m \u001b[0m web");
  }
}
