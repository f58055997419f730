package io.microscale.app.demo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The chart as text: a column for each moment, the newest at the right; from the bottom up the
/// replicas of "web", then those of batch, and a mark where the demand was.
final class TextChart {
  private static final String WEB = "48;5;33";
  private static final String BATCH = "48;5;183";
  private static final String MARK = "38;5;196";
  private static final int AXIS = 5;
  private static final int MOST_MOMENTS = 500;

  /// Stand for what is drawn, in a text that [#legend] is given.
  static final char WEB_SIGN = '█';

  static final char BATCH_SIGN = '░';
  static final char DEMAND_SIGN = '━';

  private final int capacity;
  private final Deque<Moment> moments = new ArrayDeque<>();

  /// What there was at one moment, in replicas.
  record Moment(double demand, int web, int batch) {}

  /// What is drawn in one place.
  private enum Fill {
    WEB,
    BATCH,
    NONE
  }

  /// How to draw.
  ///
  /// @param colour with escape sequences; else with letters
  /// @param unicode with characters beyond ASCII
  record Style(boolean colour, boolean unicode) {}

  TextChart(int capacity) {
    this.capacity = capacity;
  }

  void add(Moment moment) {
    moments.addLast(moment);
    if (moments.size() > MOST_MOMENTS) {
      moments.removeFirst();
    }
  }

  /// Draws the newest moments.
  ///
  /// @param width columns of the terminal, `height` lines for the chart without its foot
  List<String> draw(int width, int height, Style style) {
    int columns = Math.max(1, width - AXIS);
    var shown = new ArrayList<>(moments);
    if (shown.size() > columns) {
      shown = new ArrayList<>(shown.subList(shown.size() - columns, shown.size()));
    }
    var lines = new ArrayList<String>();
    for (int row = height - 1; row >= 0; row--) {
      lines.add(axis(row, height, style) + row(shown, columns, row, height, style));
    }
    lines.add("    " + (style.unicode ? "└" + "─".repeat(columns) : "+" + "-".repeat(columns)));
    return lines;
  }

  /// A line of text with the signs as they are drawn in the chart.
  static String legend(String text, Style style) {
    var line = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      line.append(
          switch (c) {
            case WEB_SIGN -> sample(Fill.WEB, false, style);
            case BATCH_SIGN -> sample(Fill.BATCH, false, style);
            case DEMAND_SIGN -> sample(Fill.NONE, true, style);
            default -> Character.toString(c);
          });
    }
    return line.toString();
  }

  private static String sample(Fill fill, boolean marked, Style style) {
    char drawn = style.colour ? coloured(marked, style) : plain(fill, marked, style.unicode);
    return style.colour
        ? "\u001b[%sm%c\u001b[0m".formatted(sgr(fill, marked), drawn)
        : Character.toString(drawn);
  }

  private String axis(int row, int height, Style style) {
    boolean labelled = row == height - 1 || row == height / 2 - 1;
    var label = labelled ? Long.toString(Math.round((row + 1.0) / height * capacity)) : "";
    return "%3s %s".formatted(label, style.unicode ? labelled ? "┤" : "│" : "|");
  }

  private String row(List<Moment> shown, int columns, int row, int height, Style style) {
    double perRow = (double) capacity / height;
    double middle = (row + 0.5) * perRow;
    var line = new StringBuilder(" ".repeat(columns - shown.size()));
    var before = "";
    for (var moment : shown) {
      var fill =
          middle < moment.web
              ? Fill.WEB
              : middle < moment.web + moment.batch ? Fill.BATCH : Fill.NONE;
      boolean marked = row == Math.min(height - 1, (int) (moment.demand / perRow));
      if (style.colour) {
        var sgr = sgr(fill, marked);
        if (!sgr.equals(before)) {
          line.append("\u001b[").append(sgr).append('m');
          before = sgr;
        }
        line.append(coloured(marked, style));
      } else {
        line.append(plain(fill, marked, style.unicode));
      }
    }
    return style.colour && !before.equals("0") && !before.isEmpty()
        ? line.append("\u001b[0m").toString()
        : line.toString();
  }

  private static String sgr(Fill fill, boolean marked) {
    var ground =
        switch (fill) {
          case WEB -> "0;" + WEB;
          case BATCH -> "0;" + BATCH;
          case NONE -> "0";
        };
    return marked ? ground + ";" + MARK : ground;
  }

  private static char coloured(boolean marked, Style style) {
    if (!marked) {
      return ' ';
    }
    return style.unicode ? DEMAND_SIGN : '=';
  }

  private static char plain(Fill fill, boolean marked, boolean unicode) {
    if (marked) {
      return unicode ? DEMAND_SIGN : '=';
    }
    return switch (fill) {
      case WEB -> unicode ? WEB_SIGN : '#';
      case BATCH -> unicode ? BATCH_SIGN : '.';
      case NONE -> ' ';
    };
  }
}
