package io.microscale.app.bench.startup;

import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// The workload as a command: a process of the machine, or a program that starts it elsewhere and
/// hands its output on.
final class ProcessWay implements Way {
  private final String how;
  private final List<String> command;
  private final Duration patience;

  /// Starts a command.
  ///
  /// @param command prints READY sooner or later, and then lives until it is ended
  ProcessWay(String how, List<String> command, Duration patience) {
    this.how = how;
    this.command = List.copyOf(command);
    this.patience = patience;
  }

  /// A plain process.
  static Way plain(Busybox busybox) {
    var path = busybox.path().toString();
    return new ProcessWay(
        "the JVM's own way of starting a process, which runs a small helper first",
        List.of(path, "sh", "-c", Workload.script(path)),
        Workload.PATIENCE);
  }

  @Override
  public String how() {
    return how;
  }

  @Override
  public Duration start() throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(command)
            .directory(new File("/"))
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"));
    long asked = System.nanoTime();
    var process = builder.start();
    try {
      long ready = Ear.at(process.getInputStream()).ready(patience);
      return Duration.ofNanos(ready - asked);
    } finally {
      Commands.end(process);
    }
  }

  /// Each process has been ended where it was started.
  @Override
  public void close() {}
}
