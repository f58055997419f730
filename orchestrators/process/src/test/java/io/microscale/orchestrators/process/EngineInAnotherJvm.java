package io.microscale.orchestrators.process;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Action;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// An engine that can be killed: a JVM of its own that starts replicas and then waits to be ended.
final class EngineInAnotherJvm implements AutoCloseable {
  static final String SCRIPT = "echo READY; while :; do sleep 0.1; done";

  private final Process process;
  private final BufferedReader output;

  private EngineInAnotherJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /// Starts one.
  ///
  /// @param prefix a command that runs the JVM, such as one that gives up privileges
  static EngineInAnotherJvm start(
      List<String> prefix, String classpath, Path folder, int replicas, String task)
      throws IOException {
    var command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx64m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classpath,
            EngineInAnotherJvm.class.getName(),
            folder.toString(),
            Integer.toString(replicas),
            task));
    return new EngineInAnotherJvm(
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start());
  }

  /// Waits for a line.
  String line() throws IOException {
    var line = output.readLine();
    if (line == null) {
      throw new IOException("the other JVM has ended");
    }
    return line;
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] args) throws IOException {
    var settings = TestPool.settings(Path.of(args[0]), TestPool.ready(SCRIPT));
    var orchestrator = ProcessOrchestrator.open(settings, InstantSource.system());
    System.out.println(orchestrator.levers() + " " + orchestrator.abilities());
    var node = orchestrator.observe().nodes().getFirst().id();
    var ids = new ArrayList<ReplicaId>();
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      var id = new ReplicaId("other-" + i);
      ids.add(id);
      orchestrator.perform(new Action.Start(TestPool.SERVICE, id, node, Resources.slots(10)));
    }
    if (args[2].equals("try-all")) {
      tryAll(orchestrator, ids);
    }
    System.out.println("started");
    System.in.read();
  }

  private static void tryAll(ProcessOrchestrator orchestrator, List<ReplicaId> ids) {
    for (var id : ids) {
      orchestrator.perform(new Action.Pause(TestPool.SERVICE, id));
      orchestrator.perform(new Action.Resume(TestPool.SERVICE, id));
      orchestrator.perform(new Action.Pause(TestPool.SERVICE, id));
    }
    System.out.println(orchestrator.terminateAll(java.time.Duration.ofSeconds(5)));
  }
}
