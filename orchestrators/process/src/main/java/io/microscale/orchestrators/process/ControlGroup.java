package io.microscale.orchestrators.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The control groups that one replica's processes are in.
///
/// @param freezer the one that pauses it; absent where signals do
/// @param cpu the one that limits its processor; absent where `nice` does. In v2 the same
record ControlGroup(Optional<Path> freezer, Optional<Path> cpu) {
  static final ControlGroup NONE = new ControlGroup(Optional.empty(), Optional.empty());

  /// A nice value that weighs more than any process may ask for.
  static final int FOREMOST = -24;

  private static final int PERIOD_MICROS = 100_000;
  private static final int LEAST_QUOTA_MICROS = 1_000; // the kernel takes no less
  private static final int KILL_ROUNDS = 10;

  static ControlGroup leftOver(Path folder) {
    return new ControlGroup(Optional.of(folder), Optional.empty());
  }

  List<Path> folders() {
    return Stream.concat(freezer.stream(), cpu.stream()).distinct().toList();
  }

  private static boolean isV2(Path folder) {
    return Files.exists(folder.resolve("cgroup.freeze"));
  }

  /// Asks for every process in it to run no more, or to run again. The kernel has accepted it when
  /// this returns: from then on no task comes back from the kernel to its program.
  void freeze(boolean frozen) throws IOException {
    var folder = freezer.orElseThrow();
    if (isV2(folder)) {
      ControlGroups.write(folder.resolve("cgroup.freeze"), frozen ? "1" : "0");
    } else {
      ControlGroups.write(folder.resolve("freezer.state"), frozen ? "FROZEN" : "THAWED");
    }
  }

  /// Whether every process in it has stopped.
  boolean isFrozen() throws IOException {
    var folder = freezer.orElseThrow();
    return isV2(folder)
        ? Files.readString(folder.resolve("cgroup.events")).contains("frozen 1")
        : Files.readString(folder.resolve("freezer.state")).startsWith("FROZEN");
  }

  /// Limits the processor to thousandths of a core; empty for no limit.
  void limit(OptionalLong milliCpu) throws IOException {
    var folder = cpu.orElseThrow();
    long quota =
        milliCpu.isPresent()
            ? Math.max(LEAST_QUOTA_MICROS, milliCpu.getAsLong() * PERIOD_MICROS / 1000)
            : -1;
    if (isV2(folder)) {
      var text = (quota < 0 ? "max" : Long.toString(quota)) + " " + PERIOD_MICROS;
      ControlGroups.write(folder.resolve("cpu.max"), text);
    } else {
      ControlGroups.write(folder.resolve("cpu.cfs_quota_us"), Long.toString(quota));
    }
  }

  /// Its weight among the groups of the pool; between groups the nice value of a process says
  /// nothing.
  void weigh(int nice) throws IOException {
    var folder = cpu.orElseThrow();
    if (isV2(folder)) {
      ControlGroups.write(folder.resolve("cpu.weight.nice"), Integer.toString(nice));
    } else {
      // The kernel's table of weights, sched_prio_to_weight, is this formula.
      long shares = Math.max(2, Math.round(1024 / Math.pow(1.25, nice)));
      ControlGroups.write(folder.resolve("cpu.shares"), Long.toString(shares));
    }
  }

  /// Ends every process in it, those that left the process group included.
  void kill() {
    for (var folder : folders()) {
      try {
        if (!killAtOnce(folder)) {
          killEach(folder);
        }
        if (Files.exists(folder.resolve("freezer.state"))) {
          // In v1 a frozen process does not even take SIGKILL.
          ControlGroups.write(folder.resolve("freezer.state"), "THAWED");
        }
      } catch (IOException e) {
        // It is gone already.
      }
    }
  }

  private static boolean killAtOnce(Path folder) throws IOException {
    var file = folder.resolve("cgroup.kill");
    if (!Files.exists(file)) {
      return false;
    }
    ControlGroups.write(file, "1");
    return true;
  }

  /// Repeats while processes fork faster than they are ended, within reason; what is left is ended
  /// when the group is to be removed.
  private static void killEach(Path folder) throws IOException {
    for (int round = 0; round < KILL_ROUNDS; round++) {
      var members = members(folder);
      if (members.isEmpty()) {
        return;
      }
      for (var member : members) {
        int handle = Libc.pidfdOpen(Integer.parseInt(member));
        if (handle >= 0) {
          // A number may have been given to another process since it was read.
          if (members(folder).contains(member)) {
            Libc.signal(handle, Libc.SIGKILL);
          }
          Libc.close(handle);
        }
      }
    }
  }

  private static List<String> members(Path folder) throws IOException {
    return Files.readAllLines(folder.resolve("cgroup.procs"));
  }

  /// Removes it.
  ///
  /// @return false while processes are in it
  boolean remove() {
    boolean gone = true;
    for (var folder : folders()) {
      try {
        Files.delete(folder);
      } catch (NoSuchFileException e) {
        // As it should be.
      } catch (IOException e) {
        gone = false;
      }
    }
    return gone;
  }
}
