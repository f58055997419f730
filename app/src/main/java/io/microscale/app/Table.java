package io.microscale.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Help.Ansi;

/// Columns as wide as what is in them; the last one is never padded. Columns whose head begins with
/// `>` are flush right.
public final class Table {
  private final List<String> heads;
  private final List<List<String>> rows = new ArrayList<>();

  public Table(String... heads) {
    this.heads = List.of(heads);
  }

  public Table row(String... cells) {
    rows.add(Arrays.stream(cells).map(Times::printable).toList());
    return this;
  }

  /// The lines, the head in bold where `ansi` allows it.
  public List<String> lines(Ansi ansi) {
    var titles = heads.stream().map(h -> h.startsWith(">") ? h.substring(1) : h).toList();
    var widths =
        IntStream.range(0, heads.size())
            .map(
                i ->
                    Math.max(
                        titles.get(i).length(),
                        rows.stream().mapToInt(row -> row.get(i).length()).max().orElse(0)))
            .toArray();
    var lines = new ArrayList<String>();
    lines.add(ansi.enabled() ? bold(line(titles, widths)) : line(titles, widths));
    rows.forEach(row -> lines.add(line(row, widths)));
    return lines;
  }

  private static String bold(String text) {
    return Ansi.Style.bold.on() + text + Ansi.Style.bold.off();
  }

  private String line(List<String> cells, int[] widths) {
    return IntStream.range(0, cells.size())
        .mapToObj(
            i -> {
              var padding = " ".repeat(widths[i] - cells.get(i).length());
              if (heads.get(i).startsWith(">")) {
                return padding + cells.get(i);
              }
              return i == cells.size() - 1 ? cells.get(i) : cells.get(i) + padding;
            })
        .collect(Collectors.joining("  "));
  }
}
