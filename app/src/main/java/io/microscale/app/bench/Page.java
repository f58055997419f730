package io.microscale.app.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/// A page that needs nothing but itself: no network, no script; light and dark as the reader's
/// system is. It is well-formed XML too.
public final class Page {
  private final String title;
  private final StringBuilder body = new StringBuilder();

  public Page(String title) {
    this.title = title;
  }

  public Page paragraph(String style, String text) {
    body.append("<p class=\"%s\">%s</p>%n".formatted(escaped(style), escaped(text)));
    return this;
  }

  public Page heading(String text) {
    body.append("<h2>%s</h2>%n".formatted(escaped(text)));
    return this;
  }

  public Page list(List<String> lines) {
    body.append("<ul>\n");
    lines.forEach(line -> body.append("<li>%s</li>%n".formatted(escaped(line))));
    body.append("</ul>\n");
    return this;
  }

  public Page chart(LogChart chart) {
    body.append("<figure>\n").append(chart.svg()).append("</figure>\n");
    return this;
  }

  /// A table; the first cell of a row names the row, heads that begin with `>` are of numbers.
  public Page table(String caption, List<String> heads, List<List<String>> rows) {
    body.append(
        "<div class=\"wide\"><table>\n<caption>%s</caption>%n<tr>".formatted(escaped(caption)));
    for (var head : heads) {
      body.append(
          head.startsWith(">")
              ? "<th scope=\"col\" class=\"number\">%s</th>".formatted(escaped(head.substring(1)))
              : "<th scope=\"col\">%s</th>".formatted(escaped(head)));
    }
    body.append("</tr>\n");
    for (var row : rows) {
      body.append("<tr><th scope=\"row\">%s</th>".formatted(escaped(row.getFirst())));
      for (int i = 1; i < row.size(); i++) {
        body.append(
            "<td%s>%s</td>"
                .formatted(
                    heads.get(i).startsWith(">") ? " class=\"number\"" : "", escaped(row.get(i))));
      }
      body.append("</tr>\n");
    }
    body.append("</table></div>\n");
    return this;
  }

  /// The whole document.
  public String html() {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <title>%1$s</title>
    <style>
    %2$s</style>
    </head>
    <body>
    <main>
    <h1>%1$s</h1>
    %3$s</main>
    </body>
    </html>
    """
        .formatted(escaped(title), style(), body);
  }

  private static String style() {
    try (var css = Page.class.getResourceAsStream("page.css")) {
      if (css == null) {
        throw new IllegalStateException("the program is incomplete: no page.css");
      }
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the program is damaged: page.css cannot be read", e);
    }
  }

  /// A text as it has to be in HTML and XML, without characters that neither allows.
  public static String escaped(String text) {
    return text.codePoints()
        .mapToObj(
            c ->
                switch (c) {
                  case '&' -> "&amp;";
                  case '<' -> "&lt;";
                  case '>' -> "&gt;";
                  case '"' -> "&quot;";
                  default -> Character.isISOControl(c) ? " " : Character.toString(c);
                })
        .collect(Collectors.joining());
  }
}
