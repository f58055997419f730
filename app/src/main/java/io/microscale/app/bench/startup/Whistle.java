package io.microscale.app.bench.startup;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/// A named pipe in a folder that containers get to see, through which the workload says READY
/// without any engine between: what an engine does with outputs takes time of its own.
final class Whistle implements AutoCloseable {
  /// Where containers see the folder, and the pipe in it.
  static final String TARGET = "/microscale";

  private static final String NAME = "ready";
  private static final Duration SHORT = Duration.ofSeconds(10);

  private final Path folder;
  private final FileChannel channel;
  private final Ear ear;

  private Whistle(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
    this.ear = Ear.at(Channels.newInputStream(channel));
  }

  /// Makes the folder and the pipe.
  ///
  /// @param folder must not exist
  static Whistle make(Path folder) throws IOException, InterruptedException {
    var pipe = Files.createDirectory(folder).resolve(NAME);
    Commands.run(SHORT, folder, List.of("mkfifo", pipe.toString()));
    // For writing as well, so that it does not end with the first writer.
    return new Whistle(
        folder, FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  Path folder() {
    return folder;
  }

  /// What the shell of the workload runs.
  static String script() {
    return Workload.scriptTo(TARGET + "/" + NAME);
  }

  /// Forgets what was heard so far.
  void forget() {
    ear.forget();
  }

  /// As [Ear#ready].
  long ready() throws IOException, InterruptedException {
    return ear.ready(Workload.PATIENCE);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
