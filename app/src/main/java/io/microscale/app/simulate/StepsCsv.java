package io.microscale.app.simulate;

import io.microscale.app.CommandException;
import io.microscale.simulator.standard.Step;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Writes a line for each second, from which the score can be computed again. Numbers are written
/// in full, the same everywhere.
final class StepsCsv implements Consumer<Step>, AutoCloseable {
  static final String HEADER =
      "t_s,demand,ready,starting,standby,batch_running,batch_paused,unserved,batch_done";

  private final Path file;
  private final BufferedWriter writer;

  private StepsCsv(Path file, BufferedWriter writer) {
    this.file = file;
    this.writer = writer;
  }

  /// Begins a file; one that is there is replaced.
  ///
  /// @throws CommandException if it cannot be written
  static StepsCsv create(Path file) {
    try {
      var csv = new StepsCsv(file, Files.newBufferedWriter(file));
      csv.line(HEADER);
      return csv;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static CommandException failed(Path file, IOException e) {
    return CommandException.failed(
        "--out: %s: cannot be written: %s".formatted(file, CommandException.reason(e)));
  }

  private void line(String text) throws IOException {
    writer.write(text);
    writer.write('\n');
  }

  @Override
  public void accept(Step step) {
    try {
      line(
          step.t()
              + ","
              + number(step.demand())
              + ","
              + step.ready()
              + ","
              + step.starting()
              + ","
              + step.standby()
              + ","
              + step.batchRunning()
              + ","
              + step.batchPaused()
              + ","
              + number(step.unserved())
              + ","
              + number(step.batchDone()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }
}
