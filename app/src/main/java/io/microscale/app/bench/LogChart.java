package io.microscale.app.bench;

import java.util.List;
import java.util.Locale;

/// Times as bars on a logarithmic scale, as an SVG picture in a page: a bar ends at the median, a
/// whisker reaches from the shortest to the longest. Its text is text, so that it can be read aloud
/// and copied; the page's style gives the colours.
///
/// @param title what is shown
/// @param bars from top to bottom, at least one
public record LogChart(String title, List<Bar> bars) {
  private static final int WIDTH = 860;
  private static final int NAMES = 300;
  private static final int VALUES = 110;
  private static final int ROW = 34;
  private static final int HEAD = 28;
  private static final int BAR = 18;
  private static final double LEAST_MILLIS = 1e-3;

  /// One bar.
  ///
  /// @param style class of the page's style that colours it
  public record Bar(String name, Samples samples, String style) {}

  public LogChart {
    if (bars.isEmpty()) {
      throw new IllegalArgumentException("bars: need one or more, got none");
    }
    bars = List.copyOf(bars);
  }

  /// The `<svg>` element.
  public String svg() {
    var svg = new StringBuilder(4096);
    int height = HEAD + bars.size() * ROW + 8;
    svg.append(
        "<svg class=\"chart\" role=\"img\" aria-labelledby=\"chart-title chart-text\" viewBox=\"0 0 %d %d\">%n"
            .formatted(WIDTH, height));
    svg.append("<title id=\"chart-title\">%s</title>%n".formatted(Page.escaped(title)));
    svg.append("<desc id=\"chart-text\">%s</desc>%n".formatted(Page.escaped(described())));
    for (int decade = lowest(); decade <= highest(); decade++) {
      double x = x(Math.pow(10, decade));
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>%n",
              x,
              HEAD - 6,
              x,
              height));
      svg.append(
          String.format(
              Locale.ROOT,
              "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
              x,
              HEAD - 12,
              tick(decade)));
    }
    for (int i = 0; i < bars.size(); i++) {
      row(svg, bars.get(i), HEAD + i * ROW);
    }
    return svg.append("</svg>\n").toString();
  }

  private void row(StringBuilder svg, Bar bar, int top) {
    int middle = top + ROW / 2;
    double end = x(bar.samples.median());
    double from = x(bar.samples.min());
    double to = x(bar.samples.max());
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
            NAMES - 10,
            middle + 5,
            Page.escaped(bar.name)));
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n",
            bar.style,
            NAMES,
            middle - BAR / 2,
            Math.max(1, end - NAMES),
            BAR));
    svg.append(
        String.format(
            Locale.ROOT,
            "<path class=\"whisker\" d=\"M%.1f %dH%.1fM%.1f %dv10M%.1f %dv10\"/>%n",
            from,
            middle,
            to,
            from,
            middle - 5,
            to,
            middle - 5));
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"value\" x=\"%.1f\" y=\"%d\">%s</text>%n",
            to + 8,
            middle + 5,
            time(bar.samples.median())));
  }

  private String described() {
    var text = new StringBuilder("Median, shortest and longest time on a logarithmic scale. ");
    for (var bar : bars) {
      text.append(
          "%s: %s, %s to %s. "
              .formatted(
                  bar.name,
                  time(bar.samples.median()),
                  time(bar.samples.min()),
                  time(bar.samples.max())));
    }
    return text.toString().strip();
  }

  /// Milliseconds as people say them: `2.7 ms`, `487 ms`, `8.0 s`.
  static String time(double millis) {
    return millis < 999.5 ? Samples.shown(millis) + " ms" : Samples.shown(millis / 1000) + " s";
  }

  private static String tick(int decade) {
    return decade < 0
        ? String.format(Locale.ROOT, "%s ms", Math.pow(10, decade))
        : decade < 3
            ? String.format(Locale.ROOT, "%.0f ms", Math.pow(10, decade))
            : String.format(Locale.ROOT, "%.0f s", Math.pow(10, decade - 3));
  }

  private int lowest() {
    return (int)
        Math.floor(
            Math.log10(
                bars.stream()
                    .mapToDouble(bar -> Math.max(LEAST_MILLIS, bar.samples.min()))
                    .min()
                    .orElseThrow()));
  }

  private int highest() {
    return Math.max(
        lowest() + 1,
        (int)
            Math.ceil(
                Math.log10(
                    bars.stream()
                        .mapToDouble(bar -> Math.max(LEAST_MILLIS, bar.samples.max()))
                        .max()
                        .orElseThrow())));
  }

  private double x(double millis) {
    double decades = Math.log10(Math.max(LEAST_MILLIS, millis)) - lowest();
    return NAMES + decades / (highest() - lowest()) * (WIDTH - NAMES - VALUES);
  }
}
