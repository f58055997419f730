package io.microscale.orchestrators.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What `/proc` says of processes.
final class ProcFs {
  private static final Path ROOT = Path.of("/proc");

  private ProcFs() {}

  /// One line of `/proc/PID/stat`, as far as it is needed.
  ///
  /// @param state R, S, D, T, Z, …
  /// @param startTicks when it started, in clock ticks since boot; with the pid and the boot it
  ///   names a process for ever
  record Stat(int pid, char state, int group, int session, long startTicks) {}

  static Optional<Stat> stat(int pid) {
    String text;
    try {
      text = Files.readString(ROOT.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return Optional.empty();
    }
    // The name in parentheses may itself have blanks and parentheses.
    var fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
    return Optional.of(
        new Stat(
            pid,
            fields[0].charAt(0),
            Integer.parseInt(fields[2]),
            Integer.parseInt(fields[3]),
            Long.parseLong(fields[19])));
  }

  /// This boot of this machine, and the process namespace: what process numbers and start times are
  /// relative to.
  static String epoch() {
    try {
      return Files.readString(ROOT.resolve("sys/kernel/random/boot_id")).strip()
          + "/"
          + Files.readSymbolicLink(ROOT.resolve("self/ns/pid"));
    } catch (IOException e) {
      throw new IllegalStateException("cannot tell this boot from others: " + e, e);
    }
  }

  /// The processes that have one of some values of an environment variable, by value. Those of
  /// other users cannot be read and are left out.
  static Map<String, Set<Integer>> withVariable(String name, Set<String> values) {
    var found = new HashMap<String, Set<Integer>>();
    if (values.isEmpty()) {
      return found;
    }
    try (var folders = Files.newDirectoryStream(ROOT, "[0-9]*")) {
      for (var folder : folders) {
        int pid = Integer.parseInt(folder.getFileName().toString());
        variable(pid, name)
            .filter(values::contains)
            .ifPresent(value -> found.computeIfAbsent(value, v -> new HashSet<>()).add(pid));
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot list processes: " + e, e);
    }
    return found;
  }

  static Optional<String> variable(int pid, String name) {
    try {
      var text = Files.readString(ROOT.resolve(pid + "/environ"), StandardCharsets.ISO_8859_1);
      for (var variable : text.split("\0", -1)) {
        if (variable.startsWith(name) && variable.startsWith("=", name.length())) {
          return Optional.of(variable.substring(name.length() + 1));
        }
      }
    } catch (IOException e) {
      // It has ended, or is another user's.
    }
    return Optional.empty();
  }

  /// Ends every process that has this value of an environment variable, and no other: looked at
  /// again when a handle holds it fast.
  static void killAll(Set<Integer> pids, String name, String value) {
    for (int pid : pids) {
      int handle = Libc.pidfdOpen(pid);
      if (handle >= 0) {
        if (variable(pid, name).filter(value::equals).isPresent()) {
          Libc.signal(handle, Libc.SIGKILL);
        }
        Libc.close(handle);
      }
    }
  }

  /// Sets the nice value of a session among sessions. Where the kernel groups tasks by session
  /// (`sched_autogroup_enabled`) the nice value of a process counts only within its session.
  ///
  /// @return whether it is done; without `CAP_SYS_ADMIN` the kernel does ten a second
  static boolean sessionPriority(int pid, int nice) {
    var file = ROOT.resolve(pid + "/autogroup");
    try {
      if (Files.exists(file)) {
        ControlGroups.write(file, Integer.toString(nice));
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
