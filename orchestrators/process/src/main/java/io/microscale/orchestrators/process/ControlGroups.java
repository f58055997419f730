package io.microscale.orchestrators.process;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The control groups of one pool: a folder of its own in the hierarchy that can freeze and in the
/// one that can limit processors (one and the same in v2), and in it a group for each replica.
///
/// A process must be in its group before it runs code of the workload, or its children may escape.
/// Moving another process waits for a grace period of the kernel, 2 to 20 ms. So with v1 the thread
/// that starts it enters the group itself, which is free, and leaves it again when the child is
/// born; with v2 the child is born into the group (glibc 2.39), and where that cannot be done a
/// shell enters first and then becomes the program.
final class ControlGroups implements AutoCloseable {
  enum Version {
    V1,
    V2
  }

  /// Where groups of a kind can be made.
  record Place(Version version, Path pool, @Nullable FileOutputStream home) {
    /// In v2 one folder does everything.
    boolean sameAs(Place other) {
      return pool.equals(other.pool);
    }
  }

  private final Optional<Place> freezer;
  private final Optional<Place> cpu;

  private ControlGroups(Optional<Place> freezer, Optional<Place> cpu) {
    this.freezer = freezer;
    this.cpu = cpu;
  }

  /// Finds and makes the pool's groups; a kind that cannot be had is absent. Must be called on the
  /// thread that will start processes.
  ///
  /// @param name of the pool's folder
  /// @param freezing whether to look for a freezer at all, likewise `limiting`
  /// @param versions to look at
  static ControlGroups open(
      String name, boolean freezing, boolean limiting, Set<Version> versions) {
    var first = Spawner.spawnsIntoGroups() ? Version.V2 : Version.V1;
    var order =
        Stream.concat(Stream.of(first), Arrays.stream(Version.values()))
            .distinct()
            .filter(versions::contains)
            .toList();
    return new ControlGroups(
        freezing ? find(name, "freezer", "cgroup.freeze", order) : Optional.empty(),
        limiting ? find(name, "cpu", "cpu.max", order) : Optional.empty());
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

  private static Optional<Place> find(
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
  private static Optional<Place> tried(
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
        enter(probe);
        home.write('0');
      }
      var place = new Place(version, pool, home);
      var usable =
          version == Version.V1
              || (Files.isWritable(probe.resolve(file)) && Files.isWritable(own(pool)));
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

  private static Path own(Path group) {
    return group.resolve("cgroup.procs");
  }

  private static void enableCpu(Path group) {
    try {
      write(group.resolve("cgroup.subtree_control"), "+cpu");
    } catch (IOException e) {
      // Then the file that is looked for is not there.
    }
  }

  private static void discard(Path... groups) {
    for (var group : groups) {
      try {
        Files.deleteIfExists(group);
      } catch (IOException e) {
        // In use by replicas of an engine that could do more, or not ours to make.
      }
    }
  }

  private static void closeQuietly(@Nullable FileOutputStream stream) {
    if (stream != null) {
      try {
        stream.close();
      } catch (IOException e) {
        // Nothing was buffered.
      }
    }
  }

  static void write(Path file, String text) throws IOException {
    try (var stream = new FileOutputStream(file.toFile())) {
      stream.write(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /// Moves this thread into a v1 group. Writing 0 instead of its number spares the wait.
  private static void enter(Path group) throws IOException {
    write(group.resolve("tasks"), "0");
  }

  boolean freezes() {
    return freezer.isPresent();
  }

  boolean limits() {
    return cpu.isPresent();
  }

  /// For people: what was found.
  @Override
  public String toString() {
    return "freezer %s, processor %s"
        .formatted(
            freezer.map(p -> "cgroup " + p.version).orElse("none"),
            cpu.map(p -> "cgroup " + p.version).orElse("none"));
  }

  /// Makes the groups of a replica.
  ControlGroup create(String name) throws IOException {
    var group =
        new ControlGroup(
            freezer.map(p -> p.pool.resolve(name)), cpu.map(p -> p.pool.resolve(name)));
    for (var folder : group.folders()) {
      Files.createDirectories(folder);
    }
    return group;
  }

  /// Starts a process inside its groups; on the thread that called [#open] only.
  int spawn(
      ControlGroup group,
      List<String> command,
      Map<String, String> environment,
      Optional<Path> folder,
      Path output)
      throws IOException {
    var entered = new ArrayList<FileOutputStream>(2);
    Optional<Path> born = Optional.empty();
    try {
      for (var place : places()) {
        var own = isFreezer(place) ? group.freezer() : group.cpu();
        if (place.home == null) {
          born = own;
        } else {
          enter(own.orElseThrow());
          entered.add(place.home);
        }
      }
      return spawn(born, command, environment, folder, output);
    } finally {
      for (var home : entered) {
        home.write('0');
      }
    }
  }

  private static int spawn(
      Optional<Path> born,
      List<String> command,
      Map<String, String> environment,
      Optional<Path> folder,
      Path output)
      throws IOException {
    if (born.isEmpty()) {
      return Spawner.spawn(command, environment, folder, output, OptionalInt.empty());
    }
    if (Spawner.spawnsIntoGroups()) {
      int descriptor = Libc.openFolder(born.get());
      try {
        return Spawner.spawn(command, environment, folder, output, OptionalInt.of(descriptor));
      } finally {
        Libc.close(descriptor);
      }
    }
    var entering = new ArrayList<>(List.of("/bin/sh", "-c", "echo 0 >\"$0\" && exec \"$@\""));
    entering.add(own(born.get()).toString());
    entering.addAll(command);
    return Spawner.spawn(entering, environment, folder, output, OptionalInt.empty());
  }

  private List<Place> places() {
    return Stream.concat(freezer.stream(), cpu.stream().filter(c -> !isFreezer(c))).toList();
  }

  private boolean isFreezer(Place place) {
    return freezer.filter(place::sameAs).isPresent();
  }

  /// Ends what is left in groups of replicas that are no more, and removes them.
  ///
  /// @param kept the names of those that are
  /// @return groups that could not be removed yet
  List<ControlGroup> sweep(Set<String> kept) {
    var left = new ArrayList<ControlGroup>();
    for (var place : places()) {
      try (DirectoryStream<Path> groups =
          Files.newDirectoryStream(place.pool, Files::isDirectory)) {
        for (var folder : groups) {
          if (!kept.contains(folder.getFileName().toString())) {
            var group = ControlGroup.leftOver(folder);
            group.kill();
            if (!group.remove()) {
              left.add(group);
            }
          }
        }
      } catch (IOException e) {
        throw new IllegalStateException(place.pool + ": cannot list control groups: " + e, e);
      }
    }
    return left;
  }

  /// Removes the pool's own groups if no replica is left in them.
  @Override
  public void close() {
    for (var place : places()) {
      closeQuietly(place.home);
      discard(place.pool);
    }
  }
}
