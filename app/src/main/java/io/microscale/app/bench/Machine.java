package io.microscale.app.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Predicate;

/// What a benchmark ran on; figures without it mean nothing.
///
/// @param processor its name, "unknown" if the system does not tell
/// @param memoryBytes empty if the system does not tell
/// @param virtual whether this is itself a virtual machine
public record Machine(
    int cpus,
    String processor,
    OptionalLong memoryBytes,
    String system,
    String kernel,
    boolean virtual) {

  private static final Path CPU = Path.of("/proc/cpuinfo");
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Path RELEASE = Path.of("/etc/os-release");

  /// This one.
  public static Machine here() {
    var memory = value(MEMORY, "MemTotal:").replaceAll("[^0-9]", "");
    var processor = value(CPU, "model name");
    var system = value(RELEASE, "PRETTY_NAME=").replace("\"", "");
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        processor.isEmpty() ? "unknown" : processor,
        memory.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(memory) * 1024),
        system.isEmpty() ? System.getProperty("os.name") : system,
        System.getProperty("os.version"),
        (" " + value(CPU, "flags") + " ").contains(" hypervisor "));
  }

  private static String value(Path file, String key) {
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(key.length()).strip())
          .map(text -> text.startsWith(":") ? text.substring(1).strip() : text)
          .filter(Predicate.not(String::isEmpty))
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  /// In one line.
  public String described() {
    var memory =
        memoryBytes.isPresent()
            ? String.format(Locale.ROOT, ", %.0f GiB", memoryBytes.getAsLong() / (double) (1 << 30))
            : "";
    return "%s%d processor%s (%s)%s, %s, kernel %s"
        .formatted(
            virtual ? "a virtual machine with " : "",
            cpus,
            cpus == 1 ? "" : "s",
            processor,
            memory,
            system,
            kernel);
  }

  /// Adds `machine`.
  public void putInto(ObjectNode node) {
    var machine =
        node.putObject("machine")
            .put("cpus", cpus)
            .put("processor", processor)
            .put("system", system)
            .put("kernel", kernel)
            .put("virtual", virtual);
    if (memoryBytes.isPresent()) {
      machine.put("memoryBytes", memoryBytes.getAsLong());
    } else {
      machine.putNull("memoryBytes");
    }
  }
}
