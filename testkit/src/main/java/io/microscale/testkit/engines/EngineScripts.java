package io.microscale.testkit.engines;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The scripts of `testkit/engines`, which are packed with this class, in a folder of this JVM.
final class EngineScripts {
  private static final List<String> FILES =
      List.of(
          "engine.sh",
          "box.sh",
          "docker.sh",
          "podman.sh",
          "swarm.sh",
          "kubernetes.sh",
          "kubernetes/go.mod",
          "kubernetes/go.sum",
          "kubernetes/main.go",
          "kubernetes/certificates.go",
          "kubernetes/delay.go",
          "kubernetes/hollow.go");
  private static final Map<String, Optional<String>> WHY_NOT = new ConcurrentHashMap<>();
  private static @Nullable Path folder;

  private EngineScripts() {}

  /// The script that starts an engine.
  static synchronized Path engine() {
    try {
      if (folder == null || !Files.exists(folder)) {
        var created = Files.createTempDirectory("microscale-engine-scripts");
        created.toFile().deleteOnExit();
        var sources = created.resolve("kubernetes");
        sources.toFile().deleteOnExit();
        Files.createDirectory(sources);
        for (var file : FILES) {
          unpack(file, created.resolve(file));
        }
        folder = created;
      }
      return folder.resolve("engine.sh");
    } catch (IOException e) {
      throw new EngineException("the scripts that start engines cannot be written", e);
    }
  }

  private static void unpack(String name, Path to) throws IOException {
    try (InputStream in = EngineScripts.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new EngineException("not in the testkit: " + name);
      }
      to.toFile().deleteOnExit();
      Files.copy(in, to);
    }
  }

  /// Why engines of this kind cannot run here; empty if they can. Asked once.
  static Optional<String> whyNot(String kind) {
    return WHY_NOT.computeIfAbsent(kind, EngineScripts::check);
  }

  private static Optional<String> check(String kind) {
    Process process;
    try {
      process =
          new ProcessBuilder("bash", engine().toString(), "check", kind)
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      return Optional.of("bash cannot be run: " + e.getMessage());
    }
    try (var in = process.inputReader()) {
      var reason = String.join(" ", in.readAllLines());
      if (process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0) {
        return Optional.empty();
      }
      return Optional.of(reason.isBlank() ? kind + " cannot be started here" : reason);
    } catch (IOException e) {
      return Optional.of("the check for " + kind + " failed: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    } finally {
      process.destroyForcibly();
    }
  }
}
