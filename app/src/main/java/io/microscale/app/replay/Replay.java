package io.microscale.app.replay;

import io.microscale.app.CommandException;
import io.microscale.app.record.RecordingException;
import io.microscale.app.record.RecordingReader;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.Rerun;
import io.microscale.core.loop.RerunPass;
import io.microscale.core.model.PoolSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Reads recordings and decides every pass in them again.
public final class Replay {
  private final Findings findings;
  private final Rerun rerun;

  private Replay(Optional<PoolSpec> settings) {
    this.findings = new Findings(settings.isPresent());
    this.rerun = settings.map(Rerun::with).orElseGet(Rerun::asRecorded);
  }

  /// Decides again.
  ///
  /// @param files in the order in which they were written. A single one is read with those before
  ///   it that hold the beginning of its run, if they are there
  /// @param settings in place of the recorded ones; for the same services
  /// @throws CommandException if a file cannot be read or is no recording, with the place
  public static ReplayReport of(List<Path> files, Optional<PoolSpec> settings) {
    var replay = new Replay(settings);
    for (var file : files) {
      if (Files.isDirectory(file)) {
        throw CommandException.wrongUse(file + ": need a file, got a folder");
      }
      if (!Files.exists(file)) {
        throw CommandException.wrongUse(file + ": no such file");
      }
    }
    var all = files.size() == 1 ? replay.withThoseBefore(files.getFirst()) : files;
    all.forEach(replay::read);
    return new ReplayReport(all, replay.findings);
  }

  private List<Path> withThoseBefore(Path file) {
    try {
      return RecordingFiles.upTo(file);
    } catch (RecordingException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private void read(Path file) {
    try (var reader = RecordingReader.open(file)) {
      for (var line = reader.next(); line.isPresent(); line = reader.next()) {
        take(line.get(), reader.place(), file);
      }
    } catch (RecordingException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private void take(RecordingReader.Line line, String place, Path file) {
    switch (line) {
      case RecordingReader.Line.Event(var event) -> take(event, place);
      case RecordingReader.Line.Lost(long events) ->
          miss("%d events are lost".formatted(events), place);
      case RecordingReader.Line.CutOff() -> {
        findings.cutOff(file);
        miss("the last line is cut off", place);
      }
    }
  }

  private void miss(String why, String place) {
    rerun.miss();
    findings.gap(why, place);
  }

  private void take(LoopEvent event, String place) {
    Optional<RerunPass> pass;
    long before = rerun.passes();
    try {
      pass = rerun.take(event);
    } catch (IllegalArgumentException e) {
      throw CommandException.failed("%s: %s".formatted(place, e.getMessage()));
    }
    if (event instanceof LoopEvent.Started started && rerun.passes() == 0) {
      findings.started(started);
    }
    pass.ifPresent(again -> findings.take(again, before, place));
  }

  private static CommandException unreadable(Path file, IOException e) {
    return CommandException.failed(
        "%s: cannot be read: %s".formatted(file, CommandException.reason(e)));
  }
}
