package io.microscale.app.demo;

import io.microscale.app.Terminal;
import io.microscale.core.demand.Reading;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Shows a demo on the error output: the chart, live, where that is a terminal; else a line every
/// few seconds. What people have to be told goes between, on the same thread, so that nobody waits
/// for a slow terminal.
final class Display implements Consumer<String>, AutoCloseable {
  private static final long FRAME_MILLIS = 250;
  private static final int FRAMES_PER_LOOK = 12;
  private static final int FRAMES_PER_LINE = 20;
  private static final int NOTICES = 64;
  private static final int MOST_ROWS = 20;
  private static final int FOOT = 6;
  private static final int LEAST_ROWS = 3;
  private static final long CLOSING_MILLIS = 1_000;

  private final PrintWriter err;
  private final Map<String, String> environment;
  private final boolean quiet;
  private final BlockingQueue<String> notices = new ArrayBlockingQueue<>(NOTICES);
  private final Thread thread = Thread.ofPlatform().daemon().name("display").unstarted(this::run);
  private @Nullable Demo demo;
  private volatile boolean closed;

  // Of the thread:
  private Optional<Terminal> terminal = Optional.empty();
  private int drawn;

  /// @param quiet only notices
  Display(PrintWriter err, Map<String, String> environment, boolean quiet) {
    this.err = err;
    this.environment = environment;
    this.quiet = quiet;
  }

  void start(Demo of) {
    demo = of;
    thread.start();
  }

  @Override
  public void accept(String notice) {
    // One that finds no room is one of many.
    notices.offer(notice);
  }

  /// Shows nothing more but notices, and those when this is closed.
  void end() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    end();
    tellNotices();
    err.flush();
  }

  private void run() {
    var shown = demo;
    if (shown == null) {
      return;
    }
    var chart = new TextChart(shown.settings().slots());
    err.println(
        "microscale demo: the page is at %s%s"
            .formatted(shown.uri(), quiet ? "" : "; Ctrl-C ends it"));
    for (long frame = 0; !closed; frame++) {
      if (!quiet && frame % FRAMES_PER_LOOK == 0) {
        look();
      }
      tellNotices();
      if (!quiet) {
        chart.add(moment(shown));
        if (terminal.isPresent()) {
          draw(shown, chart, terminal.get());
        } else if (frame > 0 && frame % FRAMES_PER_LINE == 0) {
          err.println(line(shown));
        }
      }
      try {
        TimeUnit.MILLISECONDS.sleep(FRAME_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void look() {
    var now = Terminal.look(environment);
    if (!now.equals(terminal) && terminal.isPresent()) {
      err.print("\u001b[2J\u001b[H");
      drawn = 0;
    }
    terminal = now;
  }

  private void tellNotices() {
    for (var notice = notices.poll(); notice != null; notice = notices.poll()) {
      err.println(printable(notice) + (drawn > 0 ? "\u001b[K" : ""));
      drawn = 0;
    }
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  private static TextChart.Moment moment(Demo demo) {
    var status = demo.status();
    double demand =
        status.readings().get(Demo.WEB) instanceof Reading.Value(double value, _) ? value : 0;
    return new TextChart.Moment(
        demand,
        status.snapshot().map(s -> s.of(Demo.WEB).running()).orElse(0),
        status.snapshot().map(s -> s.of(Demo.TRANSCODE).running()).orElse(0));
  }

  private void draw(Demo demo, TextChart chart, Terminal size) {
    var style =
        new TextChart.Style(
            environment.getOrDefault("NO_COLOR", "").isEmpty(), isUnicode(environment));
    int rows =
        Math.max(
            LEAST_ROWS,
            Math.min(Math.min(MOST_ROWS, demo.settings().slots()), size.lines() - FOOT));
    var lines = new ArrayList<>(chart.draw(size.columns() - 1, rows, style));
    var now = moment(demo);
    lines.add(
        TextChart.legend(
            cut(
                String.format(
                    Locale.ROOT,
                    "    %s web %d   %s transcode %d   %s demand %.1f   of %d slots",
                    TextChart.WEB_SIGN,
                    now.web(),
                    TextChart.BATCH_SIGN,
                    now.batch(),
                    TextChart.DEMAND_SIGN,
                    now.demand(),
                    demo.settings().slots()),
                size),
            style));
    lines.add(cut("    " + line(demo), size));
    var frame = new StringBuilder();
    if (drawn > 0) {
      frame.append("\u001b[").append(drawn).append('A');
    }
    for (var line : lines) {
      frame.append('\r').append(line).append("\u001b[K\n");
    }
    err.print(frame);
    err.flush();
    drawn = lines.size();
  }

  private static String cut(String line, Terminal size) {
    return line.length() < size.columns() ? line : line.substring(0, size.columns() - 1);
  }

  private static boolean isUnicode(Map<String, String> environment) {
    for (var name : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
      var value = environment.getOrDefault(name, "");
      if (!value.isEmpty()) {
        return value.toUpperCase(Locale.ROOT).replace("-", "").contains("UTF8");
      }
    }
    return false;
  }

  private static String line(Demo demo) {
    var figures = demo.figures();
    var work = demo.work();
    return String.format(
        Locale.ROOT,
        "%s: %d right, %d missed, %d blocks | reaction p50 %.1f p99 %.1f ms | used %.1f %%",
        seconds(figures.measuredFor()),
        work.requests().answered(),
        work.requests().missed(),
        work.blocks(),
        figures.reactionMillis().p50(),
        figures.reactionMillis().p99(),
        figures.utilisationPercent().orElse(0));
  }

  private static String seconds(Duration duration) {
    return duration.toSeconds() + " s";
  }
}
