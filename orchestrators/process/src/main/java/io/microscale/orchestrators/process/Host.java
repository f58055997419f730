package io.microscale.orchestrators.process;

import io.microscale.core.model.Node;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// This machine, as the one node of a pool.
final class Host {
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
  private static final Pattern TOTAL = Pattern.compile("MemTotal:\\s+(\\d+) kB");

  private static final Pattern EFFECTIVE = Pattern.compile("CapEff:\\s+(\\p{XDigit}+)");
  private static final Pattern NICE_LIMIT = Pattern.compile("Max nice priority\\s+(\\d+)");
  private static final long CAP_SYS_NICE = 1L << 23;

  private Host() {}

  /// Refuses hosts on which processes cannot be run as they must be.
  ///
  /// @throws OrchestratorException `UNSUPPORTED`, saying what is missing
  static void requireSupport() {
    if (!"Linux".equals(System.getProperty("os.name"))) {
      throw unsupported(System.getProperty("os.name"));
    }
    // The newest function that is needed, with which everything older is there.
    if (Libc.optional("posix_spawn_file_actions_addclosefrom_np").isEmpty()) {
      throw unsupported("another C library");
    }
    int self = Libc.pidfdOpen((int) ProcessHandle.current().pid());
    if (self < 0) {
      throw unsupported("pidfd_open: " + Libc.text(self));
    }
    Libc.close(self);
  }

  private static OrchestratorException unsupported(String found) {
    return new OrchestratorException(
        Kind.UNSUPPORTED, "processes: need Linux 5.3 and glibc 2.34, or newer; got " + found);
  }

  /// The node: so many slots, or the processors and the memory that this process may use.
  static Node node(OptionalLong slots) {
    var capacity =
        slots.isPresent()
            ? Resources.slots(slots.getAsLong())
            : Resources.cpuAndMemory(milliCpu(), memory());
    return Node.of(name(), capacity);
  }

  static long milliCpu() {
    return Runtime.getRuntime().availableProcessors() * 1000L;
  }

  /// Whether a process may be given a better nice value than it has: with `CAP_SYS_NICE`, or where
  /// `RLIMIT_NICE` allows it down to 0.
  static boolean canUndoNice() {
    var status = text(Path.of("/proc/self/status")).orElse("");
    var capabilities = EFFECTIVE.matcher(status);
    if (capabilities.find()
        && (Long.parseUnsignedLong(capabilities.group(1), 16) & CAP_SYS_NICE) != 0) {
      return true;
    }
    var limit = NICE_LIMIT.matcher(text(Path.of("/proc/self/limits")).orElse(""));
    return limit.find() && Long.parseLong(limit.group(1)) >= 20; // 20 − nice
  }

  private static String name() {
    return text(Path.of("/proc/sys/kernel/hostname")).filter(n -> !n.isBlank()).orElse("localhost");
  }

  private static long memory() {
    var matcher = TOTAL.matcher(text(Path.of("/proc/meminfo")).orElse(""));
    if (!matcher.find()) {
      throw new IllegalStateException("/proc/meminfo: need a line MemTotal");
    }
    long total = Long.parseLong(matcher.group(1)) << 10;
    for (var line : text(Path.of("/proc/self/cgroup")).orElse("").lines().toList()) {
      var fields = line.split(":", 3);
      if (fields.length == 3 && (fields[1].isEmpty() || fields[1].equals("memory"))) {
        boolean v2 = fields[1].isEmpty();
        var file = v2 ? "memory.max" : "memory.limit_in_bytes";
        var root = v2 ? CGROUPS : CGROUPS.resolve("memory");
        total = Math.min(total, least(root, root.resolve(fields[2].substring(1)), file));
      }
    }
    return total;
  }

  /// The lowest limit of a group and of all that it is in.
  private static long least(Path root, Path group, String file) {
    long least = Long.MAX_VALUE;
    for (var at = group; at != null && at.startsWith(root); at = at.getParent()) {
      var limit = text(at.resolve(file)).filter(t -> t.matches("\\d{1,18}"));
      least = Math.min(least, limit.map(Long::parseLong).orElse(Long.MAX_VALUE));
    }
    return least;
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
