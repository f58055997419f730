package io.microscale.orchestrators.process;

import io.microscale.orchestrators.process.ControlGroups.Version;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where a pool makes control groups: a folder of its own in a hierarchy that was tried.
///
/// @param pool the folder
/// @param home with v1, the list of threads of the group that this process is in: the way back
record GroupPlace(Version version, Path pool, @Nullable FileOutputStream home) {
  /// In v2 one folder does everything.
  boolean sameAs(GroupPlace other) {
    return pool.equals(other.pool);
  }

  /// One line of `/proc/self/mountinfo`.
  private record Mount(Path path, String type, Set<String> options) {
    static List<Mount> all() {
      try {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .map(line -> line.split(" - ", 2))
            .filter(halves -> halves.length == 2)
            .map(
                halves -> {
                  var right = halves[1].split(" ", -1);
                  return new Mount(
                      Path.of(halves[0].split(" ", -1)[4]),
                      right[0],
                      Set.of(right[2].split(",", -1)));
                })
            .filter(mount -> mount.type.startsWith("cgroup"))
            .toList();
      } catch (IOException e) {
        return List.of();
      }
    }
  }

  /// Looks for one in the hierarchies of these versions, in this order.
  ///
  /// @param name of the pool's folder
  /// @param controller what it must be able to do, `freezer` or `cpu`
  /// @param file by which v2 does that
  static Optional<GroupPlace> find(
      String name, String controller, String file, List<Version> order) {
    var mounts = Mount.all();
    for (var version : order) {
      for (var mount : mounts) {
        boolean fits =
            version == Version.V2
                ? mount.type.equals("cgroup2")
                : mount.type.equals("cgroup") && mount.options.contains(controller);
        if (fits) {
          // The root outlives sessions and services; our own group is what a delegation allows.
          for (var base : List.of(mount.path, own(mount.path, version, controller))) {
            var place = tried(version, base, own(mount.path, version, controller), name, file);
            if (place.isPresent()) {
              return place;
            }
          }
        }
      }
    }
    return Optional.empty();
  }

  /// The group that this thread is in.
  private static Path own(Path mount, Version version, String controller) {
    try {
      for (var line : Files.readAllLines(Path.of("/proc/thread-self/cgroup"))) {
        var fields = line.split(":", 3);
        boolean fits =
            version == Version.V2
                ? fields[1].isEmpty()
                : Arrays.asList(fields[1].split(",", -1)).contains(controller);
        if (fits) {
          return mount.resolve(fields[2].substring(1));
        }
      }
    } catch (IOException e) {
      // Then there is none.
    }
    return mount;
  }

  /// Makes the pool's folder and tries everything on a group in it.
  private static Optional<GroupPlace> tried(
      Version version, Path base, Path own, String name, String file) {
    var pool = base.resolve(name);
    var probe = pool.resolve("probe");
    boolean inUse = Files.exists(pool);
    FileOutputStream home = null;
    try {
      Files.createDirectories(pool);
      if (version == Version.V2 && file.startsWith("cpu.")) {
        enableCpu(base);
        enableCpu(pool);
      }
      Files.createDirectories(probe);
      if (version == Version.V1) {
        home = new FileOutputStream(own.resolve("tasks").toFile());
        ControlGroups.enter(probe);
        home.write('0');
      }
      var place = new GroupPlace(version, pool, home);
      var usable =
          version == Version.V1
              || (Files.isWritable(probe.resolve(file))
                  && Files.isWritable(pool.resolve("cgroup.procs")));
      Files.delete(probe);
      if (usable) {
        return Optional.of(place);
      }
    } catch (IOException e) {
      // Not here.
    }
    discard(probe);
    if (!inUse) {
      discard(pool);
    }
    closeQuietly(home);
    return Optional.empty();
  }

  private static void enableCpu(Path group) {
    try {
      ControlGroups.write(group.resolve("cgroup.subtree_control"), "+cpu");
    } catch (IOException e) {
      // Then the file that is looked for is not there.
    }
  }

  static void discard(Path... groups) {
    for (var group : groups) {
      try {
        Files.deleteIfExists(group);
      } catch (IOException e) {
        // In use by replicas of an engine that could do more, or not ours to make.
      }
    }
  }

  static void closeQuietly(@Nullable FileOutputStream stream) {
    if (stream != null) {
      try {
        stream.close();
      } catch (IOException e) {
        // Nothing was buffered.
      }
    }
  }

  /// Removes the pool's folder if no replica is left in it.
  void close() {
    closeQuietly(home);
    discard(pool);
  }
}
